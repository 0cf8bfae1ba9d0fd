"""One batch job: what is done with each item, and the stamp that says which job it was."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from functools import singledispatch
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.saves import SAVES
from pixelwise.batch.items import Item
from pixelwise.batch.outcomes import Output
from pixelwise.batch.root import Root
from pixelwise.core import Segmenter
from pixelwise.errors import InputError
from pixelwise.io.format import Reading, Thing

__all__ = ["Stamp", "Work", "with_threads"]

NO_MATTER = ("threads",)
"""Fields of a segmenter that change how fast it is, not what it answers."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which job an output folder belongs to.

    Args:
        segmenter: Its name, for people.
        save: The kinds of output, with commas.
        pixelwise: Version of the package.
        sha256: Over the segmenter with all settings and model files, and the rest.
    """

    segmenter: str
    save: str
    pixelwise: str
    sha256: str

    def told(self, other: "Stamp") -> str:
        """Return what is different in ``other``, in a few words."""
        pairs = {
            "segmenter": (self.segmenter, other.segmenter),
            "--save": (self.save, other.save),
            "pixelwise": (self.pixelwise, other.pixelwise),
        }
        told = [f"{name} {here}, not {now}" for name, (here, now) in pairs.items() if here != now]
        return "; ".join(told) or f"{self.segmenter} with other settings or another model file"


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is done with each item; travels to worker processes.

    Args:
        segmenter: Image to result.
        root: Where the outputs go.
        kinds: Kinds of output, rows of SAVES.
        reading: How inputs are read.
    """

    segmenter: Segmenter
    root: Root
    kinds: tuple[str, ...] = ("labels",)
    reading: Reading = field(default_factory=Reading)

    def stamp(self) -> Stamp:
        """Return which job this is."""
        release = version("pixelwise")
        told = [release, self.segmenter, self.kinds, self.reading]
        text = json.dumps(told, sort_keys=True, default=_plain)
        name = str(getattr(self.segmenter, "name", "")) or type(self.segmenter).__name__.lower()
        return Stamp(name, ",".join(self.kinds), release, sha256(text.encode()).hexdigest())

    def names(self, item: Item) -> list[str]:
        """Return what the outputs of ``item`` are called below the root, one for each kind.

        The suffix of the input is kept, so that no two inputs ever meet.
        """
        return [item.name + SAVES[kind].suffix for kind in self.kinds]

    def is_there(self, item: Item) -> bool:
        """Say whether all outputs of ``item`` exist; whether they are right, verify says."""
        return self.root.has(self.names(item))

    def compute(self, item: Item) -> list[Thing]:
        """Return what is to be written for ``item``, in the order of :meth:`names`.

        Raises:
            InputError: It cannot be read, or is not any more what was listed.
            PixelwiseError: The segmenter cannot take it.
        """
        image = item.origin.read(self.reading)
        if item.origin.state() != (item.size, item.version):
            raise InputError(
                f"{item.origin} changed during the batch; run it again", reason="changed"
            )
        result = self.segmenter(image)
        return [SAVES[kind].make(image, result) for kind in self.kinds]

    def commit(self, item: Item, things: Sequence[Thing]) -> tuple[Output, ...]:
        """Bring the outputs to the root, whole and durable, and return what was written.

        Raises:
            OutputError: The system refuses.
        """
        pairs = zip(self.names(item), things, strict=True)
        return tuple(output for name, thing in pairs for output in self.root.put(name, thing))


def with_threads(segmenter: Segmenter, threads: int) -> Segmenter:
    """Return the segmenter, and those it is made of, with so many threads each where not said.

    >>> from pixelwise.methods.threshold.otsu import Otsu
    >>> with_threads(Otsu(), 1)
    Otsu(...)
    """
    made: Any = segmenter
    if not is_dataclass(made) or isinstance(made, type):
        return segmenter
    changed: dict[str, Any] = {}
    for item in fields(made):
        value = getattr(made, item.name)
        if item.name == "threads" and value is None:
            changed["threads"] = threads
        elif item.init and is_dataclass(value) and callable(value):
            changed[item.name] = with_threads(cast("Segmenter", value), threads)
    return cast("Segmenter", replace(made, **changed)) if changed else segmenter


@singledispatch
def _plain(value: object) -> object:
    """Return what JSON can hold for a value: fields of a dataclass, else what kind it is."""
    if not is_dataclass(value) or isinstance(value, type):
        return getattr(value, "__qualname__", type(value).__qualname__)
    known = [item.name for item in fields(value) if item.init and item.name not in NO_MATTER]
    told = {name: getattr(value, name) for name in known}
    return {"": type(value).__qualname__, "name": getattr(value, "name", ""), **told}


@_plain.register(Path)
def _content(value: Path) -> object:
    with value.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@_plain.register(Enum)
def _choice(value: Enum) -> object:
    return value.value


@_plain.register(np.ndarray)
@_plain.register(np.generic)
def _numbers(value: NDArray[Any]) -> object:
    return value.tolist()


@_plain.register(Mapping)
def _named(value: Mapping[Any, Any]) -> object:
    return {str(name): inner for name, inner in value.items()}


@_plain.register(AbstractSet)
def _sorted(value: AbstractSet[Any]) -> object:
    return sorted(value, key=str)

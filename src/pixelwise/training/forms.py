"""The FORMS table: what a network can be exported to, each proved against the network in torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Image, Session
from pixelwise.errors import ModelError
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.volumes import fed
from pixelwise.registry import Registry
from pixelwise.runtimes import RUNTIMES
from pixelwise.training.exporting import to_onnx
from pixelwise.training.judging import segmenter_of
from pixelwise.training.keeping import write_json
from pixelwise.training.proof import Proof, proved

__all__ = ["FORMS", "Export", "Form", "Source", "export", "loaded"]

WRITERS: Registry[Callable[..., None]] = Registry(
    "export",
    {
        "onnx": "pixelwise.training.exporting:halved train",
        "int8": "pixelwise.training.exporting:quantised train",
        "openvino": "pixelwise.training.exporting:to_openvino openvino",
    },
)
"""Form -> ``write(onnx file, target, samples)``."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a network.

    Args:
        ending: Of the file's name.
        runtime: Row of RUNTIMES that runs it.
        least: Agreement with the network from which it counts as equal.
    """

    ending: str
    runtime: str
    least: float


FORMS = {
    "onnx": Form(".onnx", "onnx", 0.995),
    "int8": Form("-int8.onnx", "onnx", 0.97),
    "openvino": Form(".xml", "openvino", 0.995),
}
"""Name -> the form: weights in 16 bits, or 8-bit arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A network to be exported.

    Args:
        card: What it is.
        module: The torch module: pixels to a tensor or several.
        session: The same as a session.
        shape: Of an input to follow it with.
    """

    card: Card
    module: Any
    session: Session
    shape: tuple[int, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """Names of what it gives."""
        return tuple(tensor.name for tensor in self.session.outputs)


@dataclass(frozen=True, slots=True)
class Export:
    """One file that was written, and how it compares."""

    path: Path
    proof: Proof


def export(
    source: Source, forms: Sequence[str], pictures: Mapping[str, Image], folder: Path
) -> dict[str, Export]:
    """Write a network in several forms, run each on sample pictures and compare it with torch.

    ``proof.json`` beside the files holds what was found. A form that is not equal is written all
    the same: whoever calls decides.

    Args:
        source: The network.
        forms: Names of FORMS.
        pictures: Name -> sample.
        folder: Where to.

    Raises:
        UnknownName: There is no such form.
        MissingExtra: A form needs a package that is not there.
        ModelError: The network cannot be exported.
    """
    writers = {name: WRITERS[name] for name in forms}
    raw = folder / ".whole.onnx"
    truth = segmenter_of(source.card, source.session)
    made = {}
    try:
        to_onnx(source.module, source.shape, source.answers, raw)
        samples = _samples(source.card, loaded(raw, "onnx"), pictures) if "int8" in forms else []
        for name, write in writers.items():
            form = FORMS[name]
            path = folder / f"{source.card.name}{form.ending}"
            write(raw, path, samples)
            answer = segmenter_of(source.card, loaded(path, form.runtime))
            made[name] = Export(path, proved(truth, answer, pictures, form.least))
    finally:
        raw.unlink(missing_ok=True)
    write_json(folder / "proof.json", {name: one.proof.to_dict() for name, one in made.items()})
    return made


def loaded(path: Path, runtime: str) -> Session:
    """Return a file as users' machines will run it."""
    return RUNTIMES[runtime](path, threads=None, device="cpu")


def _samples(
    card: Card, session: Session, pictures: Mapping[str, Image]
) -> list[NDArray[np.float32]]:
    """Return pictures as a network is fed them, (1, C, ...) float32 each."""
    if card.volume is not None:
        return [fed(image, card) for image in pictures.values()]
    preparer = Preparer.of(card.input, session.inputs)
    name = session.inputs[0].name
    found = []
    for image in pictures.values():
        feeds, _ = preparer.fill(image, session)
        found.append(np.array(feeds.get(name, session.buffer(name))))
    if not found:
        raise ModelError("8 bits need some pictures to find the ranges of values by")
    return found

"""A network as data: what it is, what it eats, what it answers, where it is got, what it allows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards.decoders import AnswerShape, DecoderSpec, Holds
from pixelwise.cards.inputs import InputSpec, Layout, VolumeSpec
from pixelwise.cards.sources import (
    AddressSource,
    CardSource,
    LocalSource,
    Repository,
    WheelSource,
)
from pixelwise.core import Legend, LegendClass, Task, build, check_ranges, setting
from pixelwise.errors import InvalidSetting, ModelError, PixelwiseError

__all__ = ["Card", "Commercial", "Licence", "Metric"]

M = TypeVar("M")

_SLUG = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


class Commercial(StrEnum):
    """Whether the weights may be used commercially; ``unclear`` is no promise either way."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What the weights allow. Not legal advice."""

    code: str = setting("", "Licence of the code.")
    weights: str = setting("not stated", "Licence of the weights.")
    commercial: Commercial = setting(Commercial.UNCLEAR, "Whether commercial use is allowed.")
    terms: str = setting("", "One sentence on that.")

    @property
    def line(self) -> str:
        """One line for people."""
        terms = f" ({self.terms})" if self.terms else ""
        return f"weights {self.weights}; commercial use: {self.commercial}{terms}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A published score; only those of one ``data`` compare."""

    text: str = setting(doc="The score as it was published.")
    value: float = setting(0.0, "The main number of it, 0..1; 0: none.", low=0, high=1)
    data: str = setting("", "The data it was measured on.")
    source: str = setting("", "Where it is published.")

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One network.

    Args:
        name: Slug: lower case, digits and dashes.
        task: What its result is.
        legend: Name of an official legend (:meth:`Legend.official_names`) or a legend of its own.
        runtimes: Rows of the runtimes table that can run its file, the preferred one first.
        input: What it is fed.
        decoder: What it answers.
        sources: Where its files come from, in the order in which they are tried.
        licence: What the weights allow.
        volume: How volumes are prepared, for networks that take volumes.
        architecture: Builder or repository id, for runtimes that build the network themselves.
        metric: Its published score.
        measured: Its score 0..1 on pixelwise's own benchmark of the task (docs/benchmarks.md), by
            which models of one task are ranked; 0: not measured.
        paper: Where it is described.
        about: One sentence: what it is for.
        notes: What a user should know.

    Raises:
        InvalidSetting: A field does not hold what it should.
        UnknownName: The legend is not an official one.
    """

    name: str
    task: Task
    legend: str | Legend
    runtimes: tuple[str, ...]
    input: InputSpec
    decoder: DecoderSpec
    sources: tuple[CardSource, ...]
    licence: Licence
    volume: VolumeSpec | None = None
    architecture: str = ""
    metric: Metric | None = None
    measured: float = 0.0
    paper: str = ""
    about: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.name):
            raise InvalidSetting.of("name", self.name, "a slug such as deeplab-v3")
        if not self.runtimes:
            raise InvalidSetting.of("runtimes", self.runtimes, "at least one runtime")
        if not self.sources:
            raise InvalidSetting.of("sources", self.sources, "at least one source")
        known = set(self.legend_object().ids.tolist()) | {-1, self.legend_object().void}
        if not set(self.decoder.class_ids) <= known:
            raise InvalidSetting.of("class_ids", self.decoder.class_ids, "ids of the legend")

    @classmethod
    def read(cls, name: str, table: Mapping[str, Any]) -> "Card":
        """Return the card that a TOML table describes.

        Raises:
            ModelError: The table does not describe one; the message names the card and the field.
        """
        try:
            return _read(name, table)
        except PixelwiseError as error:
            raise ModelError(f"card {name!r}: {error}") from error

    def legend_object(self) -> Legend:
        """Return the legend."""
        return Legend.official(self.legend) if isinstance(self.legend, str) else self.legend

    @property
    def runtime(self) -> str:
        """The preferred runtime."""
        return self.runtimes[0]

    @property
    def classes(self) -> NDArray[np.int32]:
        """Legend id of each index of the network's answer, (N,) int32; -1: ignored."""
        own = self.decoder.class_ids
        return np.asarray(own, np.int32) if own else self.legend_object().ids

    @property
    def output_layout(self) -> Layout:
        """Order of the axes of the output."""
        return self.decoder.layout or self.input.layout

    @property
    def roles(self) -> tuple[str, ...]:
        """The files that the model consists of: ``("model",)`` for most."""
        return tuple(dict.fromkeys(source.role for source in self.sources))

    @property
    def outputs(self) -> int | None:
        """Channels that the network answers with, or None where ids or boxes come out."""
        if self.decoder.name is not AnswerShape.DENSE or self.decoder.holds is Holds.IDS:
            return None
        single = (Holds.PROBABILITY, Holds.LOGIT, Holds.SALIENCY, Holds.ALPHA)
        if self.decoder.holds in single:
            return 1
        return 2 if self.decoder.holds is Holds.HEADS else len(self.classes)

    def sources_of(self, role: str) -> tuple[CardSource, ...]:
        """Return the sources of one of its files."""
        return tuple(source for source in self.sources if source.role == role)


def _read(name: str, table: Mapping[str, Any]) -> Card:
    known = {*Card.__dataclass_fields__} - {"name"}
    unknown = set(table) - known
    if unknown:
        raise InvalidSetting.of("card", sorted(unknown), f"keys among {', '.join(sorted(known))}")
    missing = [key for key in ("task", "legend", "runtimes", "sources") if key not in table]
    if missing:
        raise InvalidSetting.of("card", missing, "given: the card lacks them")
    metric, volume = table.get("metric"), table.get("volume")
    return Card(
        name=name,
        task=_task(table["task"]),
        legend=_legend(table["legend"]),
        runtimes=_texts("runtimes", table["runtimes"]),
        input=_spec(InputSpec, "input", table.get("input", {"fit": "free"})),
        decoder=_spec(DecoderSpec, "decoder", table.get("decoder", {})),
        sources=tuple(source for row in table["sources"] for source in _sources(row)),
        licence=_spec(Licence, "licence", table.get("licence", {})),
        volume=None if volume is None else _spec(VolumeSpec, "volume", volume),
        architecture=_text("architecture", table.get("architecture", "")),
        metric=None if metric is None else _spec(Metric, "metric", metric),
        measured=_share("measured", table.get("measured", 0.0)),
        paper=_text("paper", table.get("paper", "")),
        about=_text("about", table.get("about", "")),
        notes=_texts("notes", table.get("notes", ())),
    )


def _spec(cls: type[M], key: str, table: object) -> M:
    if not isinstance(table, Mapping):
        raise InvalidSetting.of(key, table, "a table")
    return build(cls, table)


def _sources(table: object) -> tuple[CardSource, ...]:
    if not isinstance(table, Mapping):
        raise InvalidSetting.of("sources", table, "tables")
    if "package" in table:
        return (build(WheelSource, table),)
    if "repository" in table:
        return build(Repository, table).sources
    return (build(AddressSource, table) if "url" in table else build(LocalSource, table),)


def _task(text: object) -> Task:
    try:
        return Task(text)  # type: ignore[arg-type]
    except ValueError as error:
        raise InvalidSetting.of("task", text, f"one of {', '.join(Task)}") from error


def _legend(value: object) -> str | Legend:
    """An official name, a table of class names, or a table of rows as in ``legends.toml``."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or not isinstance(value.get("classes"), list):
        raise InvalidSetting.of("legend", value, "an official name or a table of classes")
    rows = value["classes"]
    if all(isinstance(row, str) for row in rows):
        return Legend.of(rows, things=_texts("things", value.get("things", [])))
    return Legend(tuple(_class(row) for row in rows), int(value.get("void", 255)))


def _class(row: object) -> LegendClass:
    match row:
        case [int(number), str(name), [int(red), int(green), int(blue)], bool(thing)]:
            return LegendClass(number, name, (red, green, blue), thing)
    raise InvalidSetting.of("classes", row, "[id, name, [red, green, blue], is_thing]")


def _texts(key: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise InvalidSetting.of(key, values, "a list of texts")
    return tuple(_text(key, value) for value in values)


def _share(key: str, value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidSetting.of(key, value, "a number from 0 to 1")
    return float(value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidSetting.of(key, value, "a text")
    return value

"""What class ids mean."""

import colorsys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, UnknownName

__all__ = ["Legend", "LegendClass"]

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One class of a legend.

    Args:
        id: Its number in label maps.
        name: Its name, unique in the legend.
        colour: RGB, 0..255.
        is_thing: Countable (a car) or not (sky).

    Raises:
        InputError: The id is below 0, or the name is empty.
    """

    id: int
    name: str
    colour: Colour
    is_thing: bool = False

    def __post_init__(self) -> None:
        if self.id < 0:
            raise InputError(f"class ids are 0 or more, not {self.id}")
        if not self.name:
            raise InputError(f"class {self.id} has no name")


@dataclass(frozen=True)
class Legend:
    """The classes of a result, in the order in which networks give them.

    Args:
        classes: The classes; ids and names are unique.
        void: Label of pixels that nobody claims; not the id of a class.
        title: Name of an official set, or empty.

    Raises:
        InputError: Ids or names repeat, or the void label is a class.

    >>> pets = Legend.of(["background", "cat", "dog"], things=["cat", "dog"])
    >>> pets.id_of("dog"), pets.name(1), pets.void
    (2, 'cat', 255)
    """

    classes: tuple[LegendClass, ...]
    void: int = 255
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        ids = [row.id for row in self.classes]
        names = [row.name for row in self.classes]
        if len(set(ids)) != len(ids) or len(set(names)) != len(names):
            raise InputError("ids and names of a legend must be unique")
        if self.void in ids:
            raise InputError(f"the void label {self.void} is the id of {self.name(self.void)!r}")

    @classmethod
    def of(cls, names: Iterable[str], *, things: Iterable[str] = (), title: str = "") -> "Legend":
        """Return a legend with ids 0, 1, ... and well-spread colours."""
        countable = set(things)
        rows = [
            LegendClass(number, label, spread_colour(number), label in countable)
            for number, label in enumerate(names)
        ]
        void = 255 if len(rows) <= 255 else 65535
        return cls(tuple(rows), void, title)

    @classmethod
    def official(cls, name: str) -> "Legend":
        """Return an official set.

        ``voc-21 coco-80 coco-panoptic-133 cityscapes-19 ade20k-150 ade20k-32 camvid-11 ...``:
        the whole list is :func:`Legend.official_names`.

        Raises:
            UnknownName: There is no such set.

        >>> Legend.official("cityscapes-19").name(0)
        'road'
        """
        return _official(name)

    @staticmethod
    def official_names() -> tuple[str, ...]:
        """Return the names of the official sets."""
        return tuple(_tables())

    @property
    def ids(self) -> NDArray[np.int32]:
        """Class ids in order, (N,) int32."""
        return np.array([row.id for row in self.classes], dtype=np.int32)

    @property
    def things(self) -> frozenset[int]:
        """Ids of the countable classes."""
        return frozenset(row.id for row in self.classes if row.is_thing)

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[LegendClass]:
        return iter(self.classes)

    def __getitem__(self, class_id: int) -> LegendClass:
        """Return the class with that id.

        Raises:
            UnknownName: No class has it.
        """
        for row in self.classes:
            if row.id == class_id:
                return row
        raise UnknownName(f"legend {self.title or '(own)'} has no class {class_id}")

    def name(self, class_id: int) -> str:
        """Return the name of a class; ``"void"`` for the void label."""
        return "void" if class_id == self.void else self[class_id].name

    def id_of(self, name: str) -> int:
        """Return the id of the class called ``name``.

        Raises:
            UnknownName: No class is called so.
        """
        for row in self.classes:
            if row.name == name:
                return row.id
        raise UnknownName.among("class", name, [row.name for row in self.classes])

    def palette(self) -> NDArray[np.uint8]:
        """Return the colours by label, (max(id, void) + 1, 3) uint8; void is black."""
        table = np.zeros((max(self.void, *self.ids.tolist(), 0) + 1, 3), np.uint8)
        for row in self.classes:
            table[row.id] = row.colour
        return table


def spread_colour(number: int) -> Colour:
    """Return the RGB colour of the ``number``-th thing: hues a golden angle apart, black first.

    Three rounds of lightness keep neighbours apart for colour-blind readers too.

    >>> spread_colour(0), spread_colour(1) != spread_colour(2)
    ((0, 0, 0), True)
    """
    if number == 0:
        return (0, 0, 0)
    hue = (number * 0.6180339887498949) % 1.0
    value = (0.95, 0.55, 0.80)[number % 3]
    saturation = (0.60, 0.85, 0.35)[number % 3]
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


@cache
def _tables() -> dict[str, dict[str, list[object] | int]]:
    text = files("pixelwise.core").joinpath("legends.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _official(name: str) -> Legend:
    tables = _tables()
    if name not in tables:
        raise UnknownName.among("legend", name, tables)
    table = tables[name]
    rows = table["classes"]
    assert isinstance(rows, list)  # noqa: S101 - our own file, checked by a test
    classes = tuple(LegendClass(row[0], row[1], tuple(row[2]), bool(row[3])) for row in rows)  # type: ignore[index]
    void = table["void"]
    return Legend(classes, int(void), name)  # type: ignore[arg-type]

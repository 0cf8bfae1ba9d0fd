"""What the JSON files of COCO have in common: pictures, categories, and their order on disk."""

import json
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend, LegendClass
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError
from pixelwise.io.annotations.faults import Fault, repeated_keys
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Reading

__all__ = [
    "Picture",
    "RowsByOwner",
    "categories",
    "has_keys",
    "legend_of",
    "needed",
    "picture_of",
    "repeated_in",
    "streamed",
    "the_json",
]

HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Picture:
    """One row of ``images`` or ``videos``."""

    id: int
    name: str
    size: tuple[int, int]


class RowsByOwner:
    """Places of annotation rows by the picture that they belong to.

    Args:
        tables: The file.
        key: Which number of a row names its picture: ``"image_id"``.
        name: The array of the rows.
    """

    def __init__(
        self, tables: JsonTables, key: str = "image_id", name: str = "annotations"
    ) -> None:
        owner = tables.whole_numbers(name, key)
        self._order = np.argsort(owner, kind="stable")
        self._owner = owner[self._order]

    def of(self, owner: int) -> NDArray[np.int64]:
        """Return the places of the rows of a picture, in the order of the file."""
        low, high = np.searchsorted(self._owner, [owner, owner + 1])
        return self._order[low:high]

    def strangers(self, known: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of rows whose picture does not exist."""
        return np.sort(self._order[~np.isin(self._owner, known)])


def picture_of(row: Reader, rules: Reading) -> Picture:
    """Return a row of ``images``, its size checked against the limits.

    Raises:
        InputError: A field is missing or wrong.
        LimitError: The picture is too large.
    """
    height, width = row.whole("height", 1), row.whole("width", 1)
    rules.limits.check(width, height, 1)
    name = row.text("file_name", "") or str(row.whole("id", 0))
    return Picture(row.whole("id", 0), name, (height, width))


def repeated_in(tables: JsonTables) -> Iterator[Fault]:
    """Yield the keys that stand twice in one object of any row."""
    for name in tables.arrays:
        for place in range(tables.count(name)):
            text, where = tables.bytes_of(name, place), tables.path_of(name, place)
            yield from repeated_keys(text, str(tables.path), where)


def legend_of(tables: JsonTables) -> Legend:
    """Return the categories as a legend, with its official name where it is one.

    Raises:
        InputError: Ids or names repeat, or a field is wrong.
    """
    rows: list[LegendClass] = []
    for place, row in enumerate(tables.rows("categories")):
        colour = row.value.get("color")
        shade = spread_colour(place + 1)
        if isinstance(colour, list) and all(isinstance(part, int) for part in colour[:4]):
            shade = tuple(part & 255 for part in colour) if len(colour) == 3 else shade
        is_thing = bool(row.value.get("isthing", 1))
        name = row.text("name") or f"class {place}"
        rows.append(LegendClass(row.whole("id", 0), name, shade, is_thing))
    return _with_void(rows)


def _with_void(rows: list[LegendClass]) -> Legend:
    ids = {row.id for row in rows}
    void = next(number for number in (255, 65535, 2**31 - 1) if number not in ids)
    made = Legend(tuple(rows), void)
    for name in ("coco-panoptic-133", "coco-80"):
        official = Legend.official(name)
        if [(row.id, row.name) for row in official] == [(row.id, row.name) for row in rows]:
            return official
    return made


def categories(legend: Legend) -> list[dict[str, Any]]:
    """Return the rows of ``categories``."""
    return [
        {
            "id": row.id,
            "name": row.name,
            "supercategory": row.name,
            "isthing": int(row.is_thing),
            "color": list(row.colour),
        }
        for row in legend
    ]


@contextmanager
def streamed(path: Path, legend: Legend) -> Iterator[TextIO]:
    """Give a text file whose ``annotations`` list is open; the caller closes the object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, part.open("x", encoding="utf-8") as file:
        file.write('{"categories":')
        file.write(json.dumps(categories(legend), separators=(",", ":")))
        file.write(',\n"annotations":[')
        yield file


def the_json(place: Path, *keys: str) -> Path | None:
    """Return the JSON file at ``place``, or the one in that folder, that has all keys.

    Keys stand at the beginning and the end of most files, which are looked at first.
    """
    if place.is_file():
        return place if place.suffix.lower() == ".json" and has_keys(place, keys) else None
    if not place.is_dir():
        return None
    files = sorted([*place.glob("*.json"), *place.glob("annotations/*.json")])
    return next((file for file in files[:50] if has_keys(file, keys)), None)


def has_keys(path: Path, keys: tuple[str, ...]) -> bool:
    """Whether a file holds the keys: at its beginning, at its end, or else somewhere between."""
    try:
        with path.open("rb") as file:
            text = file.read(HEAD)
            size = file.seek(0, 2)
            file.seek(max(size - HEAD, 0))
            text += file.read(HEAD)
            rare = [
                quoted for quoted in (f'"{key}"'.encode() for key in keys) if quoted not in text
            ]
            if not rare or size <= 2 * HEAD:
                return not rare
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                return all(whole.find(quoted) >= 0 for quoted in rare)
    except OSError:
        return False


def needed(path: Path | None, place: Path, what: str) -> Path:
    """Return the path that was found.

    Raises:
        InputError: There is none.
    """
    if path is None:
        raise InputError(f"{place}: expected {what}, found none", reason="missing")
    return path

"""Every fault of a COCO file, each with its JSON path."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Rle
from pixelwise.errors import InputError, LimitError, PixelwiseError
from pixelwise.io.annotations.coco_tables import picture_of
from pixelwise.io.annotations.dataset import lawful
from pixelwise.io.annotations.faults import Fault, repeated_keys
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.runs import rle_from_json
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown
from pixelwise.ops.polygons import FARTHEST

__all__ = ["coco_faults"]

Look = Callable[[Reader], Iterator[Fault]]
LISTS = ("images", "annotations", "categories")
OUTSIDE = 1.0
"""Pixels that a box or a point may stand outside the picture: rounding, not damage."""


def coco_faults(path: Path, rules: Reading) -> Iterator[Fault]:
    """Yield the faults of an instances file, row after row.

    Args:
        path: The JSON.
        rules: Limits.
    """
    file = shown(path)
    try:
        tables = JsonTables(path)
    except InputError as error:
        yield Fault(file, "$", str(error))
        return
    missing = [name for name in LISTS if name not in tables.arrays]
    for name in missing:
        yield Fault(file, f"$.{name}", "expected a list of objects, there is none")
    if missing:
        return
    check = _Check(file, rules)
    for name, look in (
        ("categories", check.category),
        ("images", check.picture),
        ("annotations", check.annotation),
    ):
        for place in range(len(tables.arrays[name])):
            yield from check.row(tables, name, place, look)


class _Check:
    """What is known of the file so far."""

    def __init__(self, file: str, rules: Reading) -> None:
        self.file = file
        self.rules = rules
        self.sizes: dict[int, tuple[int, int]] = {}
        self.classes: set[int] = set()
        self.seen: dict[str, Counter[Any]] = {}

    def row(self, tables: JsonTables, name: str, place: int, look: Look) -> Iterator[Fault]:
        """Yield the faults of one row."""
        path = f"$.{name}[{place}]"
        text = tables.bytes_of(name, place)
        try:
            row = Reader(json.loads(text), path)
        except (ValueError, RecursionError) as error:
            yield Fault(self.file, path, f"no JSON: {error}")
            return
        except InputError as error:
            yield self.fault("$", error)
            return
        yield from repeated_keys(text, self.file, path)
        yield from look(row)

    def fault(self, path: str, error: PixelwiseError) -> Fault:
        """Return a fault; messages of readers begin with the path already."""
        return Fault.of(error, self.file, path)

    def once(self, row: Reader, kind: str, key: str, value: object) -> Iterator[Fault]:
        """Yield a fault when a value was seen before."""
        seen = self.seen.setdefault(f"{kind}.{key}", Counter())
        seen[value] += 1
        if seen[value] == 2:
            yield Fault(self.file, f"{row.path}.{key}", f"{value!r} stands twice in {kind}")

    def tried(self, row: Reader, key: str, low: int = 0) -> tuple[int | None, list[Fault]]:
        """Return a whole number, or None and why not."""
        try:
            return row.whole(key, low), []
        except InputError as error:
            return None, [self.fault(f"{row.path}.{key}", error)]

    def category(self, row: Reader) -> Iterator[Fault]:
        """Look at a row of ``categories``."""
        number, faults = self.tried(row, "id")
        yield from faults
        if number is not None:
            yield from self.once(row, "categories", "id", number)
            self.classes.add(number)
        name = row.value.get("name")
        if not isinstance(name, str) or not name:
            yield Fault(self.file, f"{row.path}.name", "expected a text")
        else:
            yield from self.once(row, "categories", "name", name)

    def picture(self, row: Reader) -> Iterator[Fault]:
        """Look at a row of ``images``."""
        number, faults = self.tried(row, "id")
        yield from faults
        if number is not None:
            yield from self.once(row, "images", "id", number)
        name = row.value.get("file_name")
        try:
            lawful(name if isinstance(name, str) else "")
            yield from self.once(row, "images", "file_name", name)
        except InputError as error:
            yield self.fault(f"{row.path}.file_name", error)
        try:
            picture = picture_of(row, self.rules)
            self.sizes[picture.id] = picture.size
        except LimitError as error:
            yield self.fault(row.path, error)
        except InputError as error:
            if number is not None:
                yield self.fault("$", error)

    def annotation(self, row: Reader) -> Iterator[Fault]:
        """Look at a row of ``annotations``."""
        number, faults = self.tried(row, "id")
        yield from faults
        if number is not None:
            yield from self.once(row, "annotations", "id", number)
        kind, faults = self.tried(row, "category_id")
        yield from faults
        if kind is not None and kind not in self.classes:
            yield Fault(self.file, f"{row.path}.category_id", f"there is no category {kind}")
        owner, faults = self.tried(row, "image_id")
        yield from faults
        size = self.sizes.get(owner) if owner is not None else None
        if owner is not None and size is None:
            yield Fault(self.file, f"{row.path}.image_id", f"there is no image {owner}")
        if "bbox" in row.value:
            yield from self.box(row, size)
        if row.value.get("area") is not None:
            yield from self.area(row)
        yield from self.shape(row, size)

    def area(self, row: Reader) -> Iterator[Fault]:
        """Look at the area."""
        try:
            if row.number("area") < 0:
                yield self.fault(f"{row.path}.area", row.wrong("area", "0 or more"))
        except InputError as error:
            yield self.fault(f"{row.path}.area", error)

    def box(self, row: Reader, size: tuple[int, int] | None) -> Iterator[Fault]:
        """Look at the box."""
        path = f"{row.path}.bbox"
        numbers = _finite(row.value["bbox"])
        if numbers is None or len(numbers) != 4:
            yield self.fault(path, row.wrong("bbox", "four numbers x y width height"))
            return
        x, y, width, height = numbers.tolist()
        if width < 0 or height < 0:
            text = f"width {width:g} and height {height:g} must not be negative"
            yield Fault(self.file, path, text)
        elif size is not None:
            outside = max(-x, -y, x + width - size[1], y + height - size[0])
            if outside > OUTSIDE:
                text = f"it leaves the picture by {outside:g} pixels"
                yield Fault(self.file, path, text, harmless=True)

    def shape(self, row: Reader, size: tuple[int, int] | None) -> Iterator[Fault]:
        """Look at the segmentation."""
        shape = row.value.get("segmentation")
        path = f"{row.path}.segmentation"
        if isinstance(shape, dict):
            if size is not None:
                yield from self.runs(row, size)
        elif isinstance(shape, list):
            if not shape:
                yield Fault(self.file, path, "it has no polygon")
            for place, numbers in enumerate(shape):
                yield from self.ring(f"{path}[{place}]", numbers, size)
        else:
            yield self.fault(path, row.wrong("segmentation", "polygons or run lengths"))

    def runs(self, row: Reader, size: tuple[int, int]) -> Iterator[Fault]:
        """Look at run lengths."""
        path = f"{row.path}.segmentation"
        try:
            rle: Rle = rle_from_json(row.object("segmentation"), size)
        except InputError as error:
            yield self.fault(path, error)
            return
        if rle.area == 0:
            yield Fault(self.file, path, "the mask is empty", harmless=True)

    def ring(self, path: str, numbers: object, size: tuple[int, int] | None) -> Iterator[Fault]:
        """Look at one polygon."""
        points = _finite(numbers)
        if points is None:
            yield Fault(self.file, path, "expected finite numbers")
        elif len(points) % 2:
            yield Fault(self.file, path, f"{len(points)} numbers are no x y pairs")
        elif len(points) < 6:
            yield Fault(self.file, path, f"{len(points) // 2} points enclose nothing")
        else:
            ring = points.reshape(-1, 2)
            if np.abs(ring).max() > FARTHEST:
                yield Fault(self.file, path, "a point is too far away")
                return
            if size is not None and (outside := _leaves(ring, size)) > OUTSIDE:
                text = f"it leaves the picture by {outside:g} pixels"
                yield Fault(self.file, path, text, harmless=True)
            if crosses_itself(ring):
                text = "it crosses itself; inside is counted even-odd"
                yield Fault(self.file, path, text, harmless=True)


def crosses_itself(ring: NDArray[np.float64]) -> bool:
    """Whether two edges of a polygon cross in their middles.

    >>> crosses_itself(np.array([[0.0, 0], [1, 1], [1, 0], [0, 1]]))
    True
    """
    if not 4 <= len(ring) <= 2000:
        return False
    a, b = ring, np.roll(ring, -1, axis=0)
    side_a = _side(a[:, None], b[:, None], a[None])
    side_b = _side(a[:, None], b[:, None], b[None])
    apart = side_a * side_b < 0
    return bool((apart & apart.T).any())


def _side(
    a: NDArray[np.float64], b: NDArray[np.float64], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    across = (b[..., 0] - a[..., 0]) * (point[..., 1] - a[..., 1])
    return np.sign(across - (b[..., 1] - a[..., 1]) * (point[..., 0] - a[..., 0]))


def _leaves(ring: NDArray[np.float64], size: tuple[int, int]) -> float:
    low, high = ring.min(axis=0), ring.max(axis=0)
    return float(max(-low[0], -low[1], high[0] - size[1], high[1] - size[0]))


def _finite(numbers: object) -> NDArray[np.float64] | None:
    if not isinstance(numbers, list):
        return None
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in numbers):
        return None
    try:
        values = np.array(numbers, np.float64)
    except OverflowError:
        return None
    return values if np.isfinite(values).all() else None

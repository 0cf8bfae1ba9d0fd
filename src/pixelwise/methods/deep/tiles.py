"""Segments pictures of any size tile by tile, and joins what the tiles say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import (
    Crop,
    Foreground,
    Image,
    Instances,
    Result,
    Segmenter,
    Segments,
    Semantic,
    check_ranges,
    setting,
)
from pixelwise.errors import InputError
from pixelwise.ops.deferred import Deferred
from pixelwise.ops.paste import mask_overlap
from pixelwise.ops.tiles import blended, starts

__all__ = ["Tiled"]

SAME = 0.5
"""Two things of one class are one from this IoU on, of what both tiles see of them."""


@dataclass(frozen=True, kw_only=True)
class Tiled:
    """A segmenter that shows another one a large picture in overlapping tiles.

    Probabilities of tiles are blended, weighted by a ramp that falls towards a tile's border;
    classes without probabilities vote with the same weights. Things that two tiles see are
    joined. A picture that fits into one tile goes to the segmenter as it is. Beside picture and
    result, memory grows only with the picture's width.

    Args:
        segmenter: What segments a tile: a foreground, classes, or things.

    Raises:
        InputError: A volume, or a result of another kind, which cannot be joined.
    """

    segmenter: Segmenter
    height: int = setting(512, "Height of a tile in pixels.", low=1, high=65536)
    width: int = setting(512, "Width of a tile in pixels.", low=1, high=65536)
    overlap: float = setting(0.25, "Share of a tile that its neighbour sees, too.", low=0, high=0.9)

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, image: Image) -> Result:
        """Segment ``image``."""
        if image.is_volume:
            raise InputError("tiles are cut from pictures, not from volumes", reason="volume")
        if image.height <= self.height and image.width <= self.width:
            return self.segmenter(image)
        first = self._part(image, 0, 0)
        if isinstance(first, Semantic):
            made: Result = self._semantic(image, first)
        elif isinstance(first, Foreground):
            made = self._foreground(image, first)
        elif isinstance(first, Instances):
            made = self._instances(image, first)
        else:
            raise InputError(f"results of {first.task} cannot be joined from tiles")
        count = len(list(self._places(image)))
        note = f"The picture was cut into {count} tiles of {self.width}x{self.height}."
        provenance = replace(first.provenance, notes=(*first.provenance.notes, note), seconds={})
        return made.made_by(provenance, image.space)

    def _tile(self, image: Image) -> tuple[int, int]:
        return min(self.height, image.height), min(self.width, image.width)

    def _places(self, image: Image) -> Iterator[tuple[int, int]]:
        height, width = self._tile(image)
        for top in starts(image.height, height, self.overlap):
            for left in starts(image.width, width, self.overlap):
                yield top, left

    def _part(self, image: Image, top: int, left: int) -> Result:
        height, width = self._tile(image)
        pixels = image.pixels[top : top + height, left : left + width]
        return self.segmenter(Image(np.ascontiguousarray(pixels)))

    def _semantic(self, image: Image, first: Semantic) -> Semantic:
        legend, size = first.legend, (image.height, image.width)
        ids = np.append(legend.ids, legend.void).astype(np.int32)
        labels = np.empty(size, np.int32)

        def values(top: int, left: int) -> NDArray[np.float32]:
            part = first if (top, left) == (0, 0) else self._part(image, top, left)
            return _shares(part, ids)

        for top, left, part in blended(size, self._tile(image), self.overlap, values):
            rows, columns = part.shape[1:]
            labels[top : top + rows, left : left + columns] = ids[part.argmax(axis=0)]
        return Semantic(labels, legend)

    def _foreground(self, image: Image, first: Foreground) -> Foreground:
        size = (image.height, image.width)
        mask, levels = np.empty(size, bool), np.empty(size, np.uint8)

        def values(top: int, left: int) -> NDArray[np.float32]:
            part = first if (top, left) == (0, 0) else self._part(image, top, left)
            if not isinstance(part, Foreground):
                raise InputError(f"one tile is a foreground, another {part.task}")
            return np.stack([part.mask, part.alpha]).astype(np.float32)

        for top, left, part in blended(size, self._tile(image), self.overlap, values):
            place = (slice(top, top + part.shape[1]), slice(left, left + part.shape[2]))
            mask[place] = part[0] > np.float32(0.5)
            levels[place] = np.rint(np.clip(part[1], 0, 1) * np.float32(255))
        return Foreground(mask, _Levels(levels), legend=first.legend)

    def _instances(self, image: Image, first: Instances) -> Instances:
        height, width = self._tile(image)
        found: list[_Thing] = []
        for top, left in self._places(image):
            part = first if (top, left) == (0, 0) else self._part(image, top, left)
            if not isinstance(part, Instances):
                raise InputError(f"one tile gives things, another {part.task}")
            window = (top, left, top + height, left + width)
            found += _things(part, window)
        joined = sorted((_union(group) for group in _groups(found)), key=lambda one: -one.score)
        crops = tuple(one.crop for one in joined)
        table = Segments.of(
            [one.class_id for one in joined],
            score=[one.score for one in joined],
            box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
            area=[crop.area for crop in crops],
        )
        return Instances(table, crops, (image.height, image.width), first.legend)


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    """One thing in one tile; the window is y0, x0, y1, x1 of the tile."""

    class_id: int
    score: float
    crop: Crop
    window: tuple[int, int, int, int]


class _Levels(Deferred):
    """A soft mask kept as bytes: a quarter of the memory of float32."""

    def __init__(self, levels: NDArray[np.uint8]) -> None:
        self._levels = levels

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it becomes."""
        return self._levels.shape

    def made(self) -> NDArray[Any]:
        """Return the mask as float32."""
        return np.asarray(self._levels / np.float32(255))


def _shares(part: Result, ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the probability of each id, the last being void, (C + 1, h, w) float32."""
    if not isinstance(part, Semantic):
        raise InputError(f"one tile gives classes, another {part.task}")
    if part.scores is None:
        return (part.labels == ids[:, np.newaxis, np.newaxis]).astype(np.float32)
    known = np.asarray(part.scores, np.float32)
    void = (part.labels == part.legend.void)[np.newaxis]
    return np.concatenate([np.where(void, 0, known), void]).astype(np.float32)


def _things(part: Instances, window: tuple[int, int, int, int]) -> list[_Thing]:
    table = part.segments
    crops = [
        Crop((crop.origin[0] + window[0], crop.origin[1] + window[1]), crop.mask)
        for crop in part.crops
    ]
    rows = zip(table.class_id.tolist(), table.score.tolist(), crops, strict=True)
    return [_Thing(class_id, score, crop, window) for class_id, score, crop in rows]


def _groups(things: list[_Thing]) -> list[list[_Thing]]:
    """Return the things, those together that are one."""
    group = list(range(len(things)))
    for first, second in combinations(range(len(things)), 2):
        if _are_one(things[first], things[second]):
            old, new = group[second], group[first]
            group = [new if number == old else number for number in group]
    return [
        [thing for thing, own in zip(things, group, strict=True) if own == number]
        for number in dict.fromkeys(group)
    ]


def _are_one(first: _Thing, second: _Thing) -> bool:
    if first.class_id != second.class_id or first.window == second.window:
        return False
    seen = _shared(first.window, second.window)
    one, other = _within(first.crop, seen), _within(second.crop, seen)
    return mask_overlap(one, other) >= SAME if one[1].any() and other[1].any() else False


def _shared(
    first: tuple[int, int, int, int], second: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    low = [max(a, b) for a, b in zip(first[:2], second[:2], strict=True)]
    high = [min(a, b) for a, b in zip(first[2:], second[2:], strict=True)]
    return low[0], low[1], high[0], high[1]


def _within(
    crop: Crop, seen: tuple[int, int, int, int]
) -> tuple[tuple[int, int], NDArray[np.bool_]]:
    """Return the part of a crop that lies in a window: origin and mask, which may be empty."""
    top, left = crop.origin
    y0, x0 = max(top, seen[0]), max(left, seen[1])
    y1 = max(y0, min(top + crop.mask.shape[0], seen[2]))
    x1 = max(x0, min(left + crop.mask.shape[1], seen[3]))
    return (y0, x0), crop.mask[y0 - top : y1 - top, x0 - left : x1 - left]


def _union(group: list[_Thing]) -> _Thing:
    best = max(group, key=lambda one: one.score)
    if len(group) == 1:
        return best
    y0, x0 = (min(one.crop.origin[axis] for one in group) for axis in (0, 1))
    y1 = max(one.crop.box[3] for one in group)
    x1 = max(one.crop.box[2] for one in group)
    mask = np.zeros((y1 - y0, x1 - x0), bool)
    for one in group:
        top, left = one.crop.origin[0] - y0, one.crop.origin[1] - x0
        rows, columns = one.crop.mask.shape
        mask[top : top + rows, left : left + columns] |= one.crop.mask
    return replace(best, crop=Crop((y0, x0), mask))

"""Segments pictures of any size tile by tile, and joins what the tiles say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from pixelwise.methods.deep.seams import Seams, Sighting, sightings
from pixelwise.ops.deferred import Deferred
from pixelwise.ops.tiles import blended, starts
from pixelwise.ops.windows import Window

__all__ = ["Tiled"]


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
        seams, found = Seams(self._tile(image)), list[Sighting]()
        for top, left in self._places(image):
            part = first if (top, left) == (0, 0) else self._part(image, top, left)
            if not isinstance(part, Instances):
                raise InputError(f"one tile gives things, another {part.task}")
            window = Window(top, left, *self._tile(image))
            seen = sightings(part, window)
            seams.add(window, seen)
            seams.forget(top)
            found += seen
        groups: dict[int, list[Sighting]] = {}
        for number, one in zip(seams.things().tolist(), found, strict=True):
            groups.setdefault(number, []).append(one)
        joined = sorted((_union(group) for group in groups.values()), key=lambda one: -one.score)
        crops = tuple(one.crop for one in joined)
        table = Segments.of(
            [one.class_id for one in joined],
            score=[one.score for one in joined],
            box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
            area=[crop.area for crop in crops],
        )
        return Instances(table, crops, (image.height, image.width), first.legend)


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


def _union(group: list[Sighting]) -> Sighting:
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

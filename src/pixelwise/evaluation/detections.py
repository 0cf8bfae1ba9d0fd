"""Things of many pictures as columns and run lengths, the way hotcoco's engine takes them."""

from functools import cached_property
from typing import Any

import hotcoco
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Instances, Legend, Rle
from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["Things", "run_lengths"]


def run_lengths(crop: Crop, size: tuple[int, ...]) -> str:
    """Return COCO's compressed run lengths of a crop in a picture of that size.

    Only the crop's own pixels are looked at.

    >>> run_lengths(Crop((1, 1), np.ones((2, 1), bool)), (3, 3))
    '423'
    """
    height, width = size
    start = crop.origin[1] * height + crop.origin[0]
    if COMPILED:
        counts = np.empty(crop.mask.size + crop.mask.shape[1] + 2, np.int64)
        runs = _find_runs(crop.mask, start, (height, width), counts)
        text = np.empty(7 * runs, np.uint8)  # 7 characters hold 2^34 pixels
        return text[: _pack(counts[:runs], text)].tobytes().decode("ascii")
    tall = crop.mask.shape[0] + 1  # a row of zeros after each column ends its last run
    flat = np.zeros(crop.mask.shape[1] * tall + 1, np.int8)
    flat[1:].reshape(-1, tall)[:, :-1] = crop.mask.T
    column, row = np.divmod(np.flatnonzero(flat[1:] != flat[:-1]), tall)
    bounds = np.diff(start + column * height + row, prepend=0, append=height * width)
    return Rle((height, width), bounds).text


@jit
def _find_runs(
    mask: NDArray[np.bool_], start: int, size: tuple[int, int], counts: NDArray[np.int64]
) -> int:
    found, last = 0, 0
    for column in range(mask.shape[1]):
        inside = False
        top = start + column * size[0]
        for row in range(mask.shape[0]):
            if mask[row, column] != inside:
                inside = not inside
                counts[found] = top + row - last
                last = top + row
                found += 1
        if inside:
            counts[found] = top + mask.shape[0] - last
            last = top + mask.shape[0]
            found += 1
    counts[found] = size[0] * size[1] - last
    return found + 1


@jit
def _pack(counts: NDArray[np.int64], text: NDArray[np.uint8]) -> int:
    """Write each count less the one two before it, 5 bits a character, low bits first."""
    place = 0
    for run in range(counts.size):
        rest = counts[run] - (counts[run - 2] if run > 2 else 0)
        more = True
        while more:
            low = rest & 31
            rest >>= 5
            more = rest != -1 if low & 16 else rest != 0
            text[place] = low + 48 + (32 if more else 0)
            place += 1
    return place


class Things:
    """Columns of things in pictures."""

    def __init__(self) -> None:
        self.segmentation: list[dict[str, Any] | list[list[float]]] = []
        self._columns: list[NDArray[np.float64]] = []

    def extend(self, things: Instances, picture: int) -> None:
        """Take the things of one picture, which are numbered from 1."""
        table = things.segments
        height, width = things.size
        self.segmentation += [
            {"size": [height, width], "counts": run_lengths(crop, things.size)}
            for crop in things.crops
        ]
        boxes = np.array([crop.box for crop in things.crops], np.float64).reshape(-1, 4)
        boxes[:, 2:] -= boxes[:, :2]
        areas = [crop.area for crop in things.crops]
        rows = np.column_stack(
            [
                np.full(len(table), picture),
                boxes,
                table.score,
                table.class_id + 1,
                areas,
                table.crowd,
            ]
        )
        self._columns.append(rows.astype(np.float64))

    @cached_property
    def _all(self) -> NDArray[np.float64]:
        return np.concatenate(self._columns) if self._columns else np.zeros((0, 9))

    @property
    def classes(self) -> NDArray[np.int64]:
        """(R,) int64 class of each row, one more than in the legend."""
        return self._all[:, 6].astype(np.int64)

    @property
    def table(self) -> NDArray[np.float64]:
        """(R, 7) float64: picture, x, y, width, height, score, class."""
        return self._all[:, :7]

    def support(self, legend: Legend) -> NDArray[np.int64]:
        """Return in how many pictures each class has a thing that is no crowd."""
        rows = self._all[self._all[:, 8] == 0]
        pairs = np.unique(rows[:, [0, 6]], axis=0)[:, 1].astype(np.int64)
        return np.bincount(pairs, minlength=int(legend.ids.max()) + 2)[legend.ids + 1]

    def as_coco(self, images: list[dict[str, Any]], categories: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - hotcoco's own object
        """Return the rows as a truth of hotcoco."""
        rows = self._all
        return hotcoco.COCO.from_arrays(
            images,
            categories,
            rows[:, 0].astype(np.int64),
            self.classes,
            rows[:, 1:5],
            ids=np.arange(1, len(rows) + 1),
            area=rows[:, 7],
            iscrowd=rows[:, 8].astype(np.int64),
            segmentation=self.segmentation,
        )

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
        return _compiled_run_lengths(crop.mask, start, (height, width))
    tall = crop.mask.shape[0] + 1  # a row of zeros after each column ends its last run
    flat = np.zeros(crop.mask.shape[1] * tall + 1, np.int8)
    flat[1:].reshape(-1, tall)[:, :-1] = crop.mask.T
    column, row = np.divmod(np.flatnonzero(flat[1:] != flat[:-1]), tall)
    bounds = np.diff(start + column * height + row, prepend=0, append=height * width)
    return Rle((height, width), bounds).text


def _compiled_run_lengths(mask: NDArray[np.bool_], start: int, size: tuple[int, int]) -> str:
    tall, wide = mask.shape
    rows = np.zeros((tall + 1, -(-wide // 8) * 8), np.uint8)  # eight columns are one word
    rows[:tall, :wide] = mask.view(np.uint8)  # a copy, where bool would be a conversion
    return _text(rows.view(np.uint64), start, (tall, *size)).tobytes().decode("ascii")


@jit
def _text(words: NDArray[np.uint64], start: int, sizes: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return the characters; one call for all steps, as a call costs as much as a small mask."""
    runs = _count_turns(words)
    counts = np.empty(runs + 1, np.int64)
    _find_turns(words, np.empty((2, runs), np.int32), counts)
    _place_runs(counts, runs, start, sizes)
    text = np.empty(7 * runs + 7, np.uint8)  # 7 characters hold 2^34 pixels
    return text[: _pack(counts, text)]


@jit
def _count_turns(words: NDArray[np.uint64]) -> int:
    """Return how often, column by column, a mask goes on or off."""
    found = np.uint64(0)
    for word in range(words.shape[1]):
        before = np.uint64(0)
        for row in range(words.shape[0]):
            turned = words[row, word] ^ before
            # Bytes are 0 or 1: the product's highest byte is their sum.
            found += turned * np.uint64(0x0101010101010101) >> np.uint64(56)
            before = words[row, word]
    return int(found)


@jit
def _find_turns(
    words: NDArray[np.uint64], turns: NDArray[np.int32], places: NDArray[np.int64]
) -> None:
    """Write where, column by column, a mask goes on and off: column x (rows + 1) + row."""
    tall, found = words.shape[0], 0
    begin = np.zeros(8 * words.shape[1] + 1, np.int64)
    low = np.uint64(255)
    for row in range(tall):
        for word in range(words.shape[1]):
            turned = words[row, word]
            if row:
                turned ^= words[row - 1, word]
            column = 8 * word
            while turned:
                if turned & low:
                    turns[0, found], turns[1, found] = column, row
                    begin[column + 1] += 1
                    found += 1
                turned >>= np.uint64(8)
                column += 1
    for column in range(1, begin.size):
        begin[column] += begin[column - 1]
    for turn in range(found):  # rows ascend already: sorting by column sorts all
        column = turns[0, turn]
        places[begin[column]] = column * tall + turns[1, turn]
        begin[column] += 1


@jit
def _place_runs(
    places: NDArray[np.int64], runs: int, start: int, sizes: tuple[int, int, int]
) -> None:
    """Turn places in the crop into run lengths in the picture, in place."""
    tall, height, width = sizes
    last = 0
    for run in range(runs):
        place = start + places[run] // (tall + 1) * height + places[run] % (tall + 1)
        places[run] = place - last
        last = place
    places[runs] = height * width - last


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

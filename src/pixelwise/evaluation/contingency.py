"""The joint histogram of two label maps, from which most scores follow."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["Contingency", "id_histogram", "joint_histogram", "trusted_histogram"]

Counts = Any  # (cells,) uint32; mypy knows no unsigned index

_DENSE_CELLS = 1 << 22
"""Above this many cells a table costs more than sorting the pixels that fill it."""


@dataclass(frozen=True, slots=True, eq=False)
class Contingency:
    """How many pixels each pair of labels shares; only pairs that occur are kept.

    Args:
        first: (P,) int64 label in the first map.
        second: (P,) int64 label in the second map.
        count: (P,) int64 pixels, 1 or more.

    >>> table = Contingency.of(np.array([[1, 1, 2]]), np.array([[5, 6, 6]]))
    >>> table.first.tolist(), table.second.tolist(), table.count.tolist()
    ([1, 1, 2], [5, 6, 6], [1, 1, 1])
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def of(cls, first: NDArray[Any], second: NDArray[Any]) -> "Contingency":
        """Return the table of two maps of integers of the same shape, labels 0 or more.

        Raises:
            InputError: The maps differ in shape, or a label is negative.
        """
        _check_shapes(first, second)
        if first.size == 0:
            return cls(*(np.zeros(0, np.int64) for _ in range(3)))
        rows, columns = int(first.max()) + 1, int(second.max()) + 1
        if min(int(first.min()), int(second.min())) < 0:
            raise InputError("labels are 0 or more")
        if rows * columns > max(_DENSE_CELLS, first.size // 4):
            return _sorted_pairs(first, second, columns)
        table = trusted_histogram(first, second, (rows, columns))
        here, there = np.nonzero(table)
        return cls(here, there, table[here, there])

    @property
    def total(self) -> int:
        """Pixels counted."""
        return int(self.count.sum())

    def without_first(self, label: int) -> "Contingency":
        """Return the table without the pixels that the first map labels so."""
        kept = self.first != label
        return Contingency(self.first[kept], self.second[kept], self.count[kept])

    def areas(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each pair, the pixels of its first and of its second label."""
        return _area_of(self.first, self.count), _area_of(self.second, self.count)

    def marginals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pixels of each label that occurs, in the first and in the second map."""
        return _marginal(self.first, self.count), _marginal(self.second, self.count)


def joint_histogram(
    first: NDArray[Any], second: NDArray[Any], size: tuple[int, int]
) -> NDArray[np.int64]:
    """Return how many pixels have each pair of labels, (rows, columns) int64.

    Args:
        first: Integers, 0 to rows - 1.
        second: Integers of the same shape, 0 to columns - 1.
        size: Rows and columns of the table.

    Raises:
        InputError: The maps differ in shape, or a label lies outside the table.

    >>> joint_histogram(np.array([0, 1, 1]), np.array([2, 0, 0]), (2, 3)).tolist()
    [[0, 0, 1], [2, 0, 0]]
    """
    _check_range(first, size[0])
    _check_range(second, size[1])
    return trusted_histogram(first, second, size)


def trusted_histogram(
    first: NDArray[Any], second: NDArray[Any], size: tuple[int, int]
) -> NDArray[np.int64]:
    """Return the same of maps whose labels a result has checked when it was made."""
    _check_shapes(first, second)
    rows, columns = size
    if COMPILED and first.size < 1 << 32:
        tables = np.zeros((4, rows * columns + 1), np.uint32)
        _count(_flat(first), _flat(second), np.uint32(columns), *tables)
        return tables[:, :-1].sum(axis=0, dtype=np.int64).reshape(rows, columns)
    if max(size) <= 256 and first.size:
        return _counted_by_opencv(first, second, size)
    keys = _flat(first).astype(np.int64) * columns + _flat(second)
    return np.bincount(keys, minlength=rows * columns).reshape(rows, columns)


def id_histogram(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    ids: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> NDArray[np.int64]:
    """Return how many pixels have each pair of ids, however large the ids are.

    Args:
        first: Labels, all of them 0 or among the first ids.
        second: Labels of the same shape, all of them 0 or among the second ids.
        ids: (R,) and (C,) int32, 1 or more.

    Returns:
        (R + 1, C + 1) int64 in the order of the ids; row and column 0 are those of label 0.

    Raises:
        InputError: The maps differ in shape.

    >>> id_histogram(np.int32([7, 7, 0]), np.int32([9, 0, 0]), (np.int32([7]), np.int32([9])))
    array([[1, 0],
           [1, 1]])
    """
    _check_shapes(first, second)
    size = len(ids[0]) + 1, len(ids[1]) + 1
    if first.size == 0:
        return np.zeros(size, np.int64)
    start = _run_starts(_flat(first), _flat(second))
    row = _places(ids[0], _flat(first)[start])
    column = _places(ids[1], _flat(second)[start])
    lengths = np.diff(start, append=first.size)
    counts = np.bincount(row * size[1] + column, weights=lengths, minlength=size[0] * size[1])
    return counts.astype(np.int64).reshape(size)


def _places(ids: NDArray[np.int32], labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return 0 for label 0, and one more than its place among the ids for any other."""
    known = np.concatenate([[0], ids])
    order = np.argsort(known)
    return order[np.searchsorted(known[order], labels)]


@jit
def _count(  # noqa: PLR0913, PLR0917 - four tables as one argument are three times slower
    first: NDArray[Any],
    second: NDArray[Any],
    columns: np.uint32,
    table0: Counts,
    table1: Counts,
    table2: Counts,
    table3: Counts,
) -> None:
    # Neighbours mostly agree: four tables keep one cell's additions from waiting for each other;
    # unsigned places spare the test for Python's negative indices. A label that nobody checked
    # may be miscounted, but writes nowhere else.
    last = np.uint64(table0.size - 1)
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for block in range(first.size // 4):
        at = np.uint64(block) * four
        at1, at2, at3 = at + one, at + two, at + three
        cell0 = np.uint32(first[at]) * columns + np.uint32(second[at])
        table0[min(cell0, last)] += np.uint32(1)
        cell1 = np.uint32(first[at1]) * columns + np.uint32(second[at1])
        table1[min(cell1, last)] += np.uint32(1)
        cell2 = np.uint32(first[at2]) * columns + np.uint32(second[at2])
        table2[min(cell2, last)] += np.uint32(1)
        cell3 = np.uint32(first[at3]) * columns + np.uint32(second[at3])
        table3[min(cell3, last)] += np.uint32(1)
    for rest in range(first.size // 4 * 4, first.size):
        cell0 = np.uint32(first[rest]) * columns + np.uint32(second[rest])
        table0[min(cell0, last)] += np.uint32(1)


def _counted_by_opencv(
    first: NDArray[Any], second: NDArray[Any], size: tuple[int, int]
) -> NDArray[np.int64]:
    rows, columns = size
    table = np.zeros(size, np.int64)
    block = 1 << 23  # OpenCV counts in float32, which is exact up to 2^24
    flat = [_flat(first), _flat(second)]
    for start in range(0, first.size, block):
        planes = [part[start : start + block].astype(np.uint8)[:, None] for part in flat]
        counts = cv2.calcHist(planes, [0, 1], None, [rows, columns], [0, rows, 0, columns])
        table += counts.astype(np.int64)
    return table


def _sorted_pairs(first: NDArray[Any], second: NDArray[Any], columns: int) -> Contingency:
    """Sort the runs of equal pairs rather than the pixels; maps have far fewer of them."""
    start = _run_starts(_flat(first), _flat(second))
    keys = _flat(first)[start].astype(np.int64) * columns + _flat(second)[start]
    lengths = np.diff(start, append=first.size)
    pairs, place = np.unique(keys, return_inverse=True)
    counts = np.bincount(place, weights=lengths).astype(np.int64)
    return Contingency(pairs // columns, pairs % columns, counts)


def _run_starts(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.int64]:
    """Return where, in raster order, either map changes; 0 is always a start."""
    if COMPILED:
        start = np.empty(first.size, np.int64)
        return start[: _find_runs(first, second, start)]
    turns = np.flatnonzero((first[1:] != first[:-1]) | (second[1:] != second[:-1]))
    return np.concatenate([[0], turns + 1])


@jit
def _find_runs(first: NDArray[Any], second: NDArray[Any], start: NDArray[np.int64]) -> int:
    start[0] = 0
    runs = 1
    here, there = first[0], second[0]
    for place in range(1, first.size):
        if first[place] != here or second[place] != there:
            here, there = first[place], second[place]
            start[runs] = place
            runs += 1
    return runs


def _area_of(labels: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    _, place = np.unique(labels, return_inverse=True)
    return np.bincount(place, weights=count).astype(np.int64)[place]


def _marginal(labels: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    _, place = np.unique(labels, return_inverse=True)
    return np.bincount(place, weights=count).astype(np.int64)


def _flat(labels: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(labels).reshape(-1)


def _check_shapes(first: NDArray[Any], second: NDArray[Any]) -> None:
    if first.shape != second.shape:
        raise InputError(
            f"the truth is {first.shape} and the result {second.shape}; sizes must be equal",
            reason="size",
        )


def _check_range(labels: NDArray[Any], size: int) -> None:
    if labels.size and (labels.min() < 0 or labels.max() >= size):
        raise InputError(
            f"labels run from {labels.min()} to {labels.max()}, outside the table of {size}"
        )

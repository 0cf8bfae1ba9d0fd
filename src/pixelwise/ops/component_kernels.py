"""Compiled labelling of a mask by runs of pixels."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit
from pixelwise.ops.graphs.unionfind import find_root

__all__ = ["link_runs", "paint_runs"]

ALL_SET = 0x0101010101010101
"""Eight true pixels, read as one integer."""


@jit
def link_runs(
    mask: NDArray[np.uint8],
    words: NDArray[np.uint64],
    height: int,
    reach: int,
    runs: NDArray[np.int32],
    rows: NDArray[np.int64],
) -> None:
    """Write start, end and parent of each run; a parent is never later than its child.

    ``height`` rows make a slice; rows touch the one above and, in the slice before, the one at
    their place and (with ``reach``) its neighbours.
    """
    width = mask.shape[1]
    count = 0
    for row in range(len(mask)):
        rows[row] = count
        x = _next_set(mask, words, row, 0)
        while x < width:
            runs[count, 0] = x
            x = _next_clear(mask, words, row, x)
            runs[count, 1], runs[count, 2] = x, count
            count += 1
            x = _next_set(mask, words, row, x)
        rows[row + 1] = count
        if rows[row] == count:
            continue
        y = row % height
        if y > 0:
            _join(runs, rows, row - 1, row, reach)
        if row < height:
            continue
        _join(runs, rows, row - height, row, reach)
        if reach > 0 and y > 0:
            _join(runs, rows, row - height - 1, row, reach)
        if reach > 0 and y + 1 < height:
            _join(runs, rows, row - height + 1, row, reach)


@jit
def _join(
    runs: NDArray[np.int32], rows: NDArray[np.int64], before: int, row: int, reach: int
) -> None:
    """Join the runs of two rows that touch."""
    parent = runs[:, 2]
    first, end = rows[before], rows[before + 1]
    for run in range(rows[row], rows[row + 1]):
        while first < end and runs[first, 1] + reach <= runs[run, 0]:
            first += 1
        touched = first
        while touched < end and runs[touched, 0] < runs[run, 1] + reach:
            one, other = find_root(parent, touched), find_root(parent, run)
            parent[max(one, other)] = min(one, other)
            touched += 1


@jit
def _next_set(mask: NDArray[np.uint8], words: NDArray[np.uint64], y: int, x: int) -> int:
    width = mask.shape[1]
    while x < width and mask[y, x] == 0:
        x += 8 if len(words) > 0 and x & 7 == 0 and words[y, x >> 3] == 0 else 1
    return x


@jit
def _next_clear(mask: NDArray[np.uint8], words: NDArray[np.uint64], y: int, x: int) -> int:
    width = mask.shape[1]
    while x < width and mask[y, x] != 0:
        x += 8 if len(words) > 0 and x & 7 == 0 and words[y, x >> 3] == ALL_SET else 1
    return x


@jit
def paint_runs(runs: NDArray[np.int32], rows: NDArray[np.int64], labels: NDArray[np.int32]) -> int:
    """Number the roots, write the labels and return their number."""
    count = 0
    for y in range(len(labels)):
        for run in range(rows[y], rows[y + 1]):
            above = runs[run, 2]
            if above == run:
                count += 1
                runs[run, 2] = count
            else:
                runs[run, 2] = runs[above, 2]
            labels[y, runs[run, 0] : runs[run, 1]] = runs[run, 2]
    return count

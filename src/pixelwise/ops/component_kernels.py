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
    reach: int,
    runs: NDArray[np.int32],
    rows: NDArray[np.int64],
) -> None:
    """Write start, end and parent of each run; a parent is never later than its child."""
    height, width = mask.shape
    parent = runs[:, 2]
    count = 0
    above = 0
    for y in range(height):
        rows[y] = count
        x = _next_set(mask, words, y, 0)
        while x < width:
            runs[count, 0] = x
            x = _next_clear(mask, words, y, x)
            runs[count, 1], parent[count] = x, count
            while above < rows[y] and runs[above, 1] + reach <= runs[count, 0]:
                above += 1
            touched = above
            while touched < rows[y] and runs[touched, 0] < x + reach:
                one, other = find_root(parent, touched), find_root(parent, count)
                parent[max(one, other)] = min(one, other)
                touched += 1
            count += 1
            x = _next_set(mask, words, y, x)
        above = rows[y]
    rows[height] = count


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

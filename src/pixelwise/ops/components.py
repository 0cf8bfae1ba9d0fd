"""Connected parts of masks and label maps."""

from typing import Any

import cc3d
import cv2
import fastremap
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.graphs.unionfind import find_root

__all__ = ["components", "relabel"]

ALL_SET = 0x0101010101010101
"""Eight true pixels, read as one integer."""


def components(mask: NDArray[np.bool_], *, diagonal: bool = True) -> tuple[NDArray[np.int32], int]:
    """Return the connected parts of a mask, numbered 1.. in the order of their first pixel.

    Args:
        mask: (H, W) or (D, H, W) bool.
        diagonal: Whether corners join (8 neighbours, 26 in volumes) or only edges (4, 6).

    Returns:
        labels int32 of the mask's size, 0 outside, and the number of parts.

    >>> components(np.eye(2, dtype=bool))[1], components(np.eye(2, dtype=bool), diagonal=False)[1]
    (1, 2)
    """
    if mask.size == 0:
        return np.zeros(mask.shape, np.int32), 0
    whole = np.ascontiguousarray(mask, bool)
    if mask.ndim == 3:
        labels, count = cc3d.connected_components(
            whole, connectivity=26 if diagonal else 6, return_N=True
        )
        return labels.astype(np.int32), int(count)
    if COMPILED:
        return _by_runs(whole.view(np.uint8), reach=int(diagonal))
    number, labels = cv2.connectedComponents(
        whole.view(np.uint8), connectivity=8 if diagonal else 4
    )
    return fastremap.renumber(labels)[0].astype(np.int32), number - 1


def relabel(labels: NDArray[Any], *, diagonal: bool = True) -> tuple[NDArray[np.int32], int]:
    """Return the connected parts of every label of a map, numbered 1..; 0 stays 0.

    Args:
        labels: (H, W) or (D, H, W) integers, 0 or more.
        diagonal: Whether corners join parts of the same label.

    >>> relabel(np.array([[1, 0, 1], [2, 2, 0]]))[1]
    3
    """
    connectivity = {2: (4, 8), 3: (6, 26)}[labels.ndim][diagonal]
    parts, count = cc3d.connected_components(
        np.ascontiguousarray(labels), connectivity=connectivity, return_N=True
    )
    return parts.astype(np.int32), int(count)


def _by_runs(mask: NDArray[np.uint8], reach: int) -> tuple[NDArray[np.int32], int]:
    """Label runs of pixels instead of pixels; arrays are made here, as numpy's come in large pages.

    Args:
        mask: (H, W) 0 and 1.
        reach: How far beyond its ends a run touches runs of the row above: 0 edges, 1 corners.
    """
    height, width = mask.shape
    words = mask.view(np.uint64) if width % 8 == 0 else np.zeros((0, 0), np.uint64)
    runs = np.empty((height * ((width + 1) // 2), 3), np.int32)
    rows = np.empty(height + 1, np.int64)
    _link_runs(mask, words, reach, runs, rows)
    labels = np.zeros((height, width), np.int32)
    return labels, int(_paint_runs(runs, rows, labels))


@jit
def _link_runs(
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
def _paint_runs(runs: NDArray[np.int32], rows: NDArray[np.int64], labels: NDArray[np.int32]) -> int:
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

"""Masks grown only inside their boxes: what a box covers, its part of the geometry, the rest."""

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.axes import Axis
from pixelwise.ops.grow import KERNELS, threshold

__all__ = ["covered", "grow_inside", "grow_sparse", "mask_overlap", "part", "tight"]

Place = tuple[int, int]
Bounds = tuple[int, int, int, int]


def covered(low: float, high: float, side: int) -> tuple[int, int]:
    """Return the pixels i of a side with ``low <= i < high``, as first and end.

    >>> covered(0.5, 2.5, 9), covered(-3.0, 99.0, 9), covered(5.0, 5.0, 9)
    ((1, 3), (0, 9), (5, 5))
    """
    first = min(max(ceil(low), 0), side)
    return first, max(first, min(max(ceil(high), 0), side))


def part(axis: Axis, begin: int, end: int) -> tuple[Axis, slice]:
    """Return the axis of the pixels ``begin`` to ``end``, and the samples that it stands on.

    >>> from pixelwise.ops.axes import centres
    >>> axis, samples = part(centres(8, 16), 6, 8)
    >>> axis.start.tolist(), axis.weight.tolist(), samples
    ([0, 1], [0.75, 0.25], slice(2, 5, None))
    """
    start = axis.start[begin:end]
    first, last = int(start[0]), int(start[-1]) + 2
    cut = Axis(start - np.int32(first), axis.weight[begin:end], last - first)
    return cut, slice(first, last)


def grow_inside(
    scores: NDArray[np.float32], level: float, rows: Axis, columns: Axis
) -> tuple[Place, NDArray[np.bool_]]:
    """Return where the bilinear score is above ``level``, cut to the least box that holds it.

    Returns:
        (y, x) of the first pixel, counted from the first pixel of the axes, and the mask; both
        empty when nothing is above.
    """
    return tight(threshold(scores, level, rows, columns))


def grow_sparse(
    scores: NDArray[np.float32], level: float, rows: Axis, columns: Axis
) -> tuple[Place, NDArray[np.bool_]]:
    """Return what :func:`grow_inside` does, worked out only around the samples above the level.

    For masks without a box, most of which fill a small part of the picture.
    """
    y0, y1, x0, x1 = bounds(np.greater(scores, np.float32(level), order="C"))
    top, bottom = _touched(rows, y0, y1)
    left, right = _touched(columns, x0, x1)
    if top >= bottom or left >= right:
        return (0, 0), np.zeros((0, 0), bool)
    (rows, down), (columns, along) = part(rows, top, bottom), part(columns, left, right)
    (y, x), mask = grow_inside(scores[down, along], level, rows, columns)
    return (top + y, left + x), mask


def _touched(axis: Axis, first: int, end: int) -> tuple[int, int]:
    """Return the pixels that one of the samples ``first`` to ``end`` has a say in."""
    low, high = np.searchsorted(axis.start, [first - 1, end])
    return int(low), int(high)


def tight(mask: NDArray[np.bool_]) -> tuple[Place, NDArray[np.bool_]]:
    """Return the least part of a mask that holds all of it, and the place of its first pixel.

    >>> tight(np.bool_([[0, 0, 0], [0, 1, 0]]))
    ((1, 1), array([[ True]]))
    """
    y0, y1, x0, x1 = bounds(mask)
    kept = mask[y0:y1, x0:x1]
    return (y0, x0), kept if kept.size == mask.size else kept.copy()


def bounds(mask: NDArray[np.bool_]) -> Bounds:
    """Return y0, y1, x0, x1 of the least box that holds a mask, or zeros."""
    kernels = KERNELS.ready()
    found: Bounds = _bounds(mask) if kernels is None else kernels.bounds(mask)
    return found


def _bounds(mask: NDArray[np.bool_]) -> Bounds:
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return 0, 0, 0, 0
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[y0:y1].any(axis=0))
    return y0, y1, int(columns[0]), int(columns[-1]) + 1


def mask_overlap(
    first: tuple[Place, NDArray[np.bool_]], second: tuple[Place, NDArray[np.bool_]]
) -> float:
    """Return the intersection over union of two masks that stand at their places.

    >>> whole = np.ones((2, 2), bool)
    >>> mask_overlap(((0, 0), whole), ((0, 1), whole))
    0.3333333333333333
    """
    (y, x), mask = first
    (v, u), other = second
    top, bottom = max(y, v), min(y + mask.shape[0], v + other.shape[0])
    left, right = max(x, u), min(x + mask.shape[1], u + other.shape[1])
    if bottom <= top or right <= left:
        return 0.0
    mine = mask[top - y : bottom - y, left - x : right - x]
    theirs = other[top - v : bottom - v, left - u : right - u]
    shared = _count(mine & theirs)
    return shared / (_count(mask) + _count(other) - shared)


def _count(mask: NDArray[Any]) -> int:
    return int(np.count_nonzero(mask))

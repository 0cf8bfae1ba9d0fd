"""Splitting of a picture into quadrants, or of a volume into octants, until each is even."""

from itertools import product
from typing import Any

import cv2
import fastremap
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["quadtree"]


def quadtree(values: NDArray[Any], tolerance: float, min_side: int = 1) -> NDArray[np.int32]:
    """Split at the middle until a block's standard deviation is at most ``tolerance``.

    The deviation of a block with several channels is the root of the sum of the channels'
    variances.

    Args:
        values: (H, W, C) or (D, H, W, C), any real dtype.
        tolerance: In the unit of the values.
        min_side: Sides of this many pixels or fewer are not split.

    Returns:
        labels of the leaves, int32 (H, W) or (D, H, W), 1.. in the order of their
        first pixel.

    Source:
        S. Horowitz, T. Pavlidis, "Picture Segmentation by a Tree Traversal Algorithm", JACM
        23(2), 1976.

    >>> quadtree(np.array([[[0], [0]], [[0], [9]]]), tolerance=1).tolist()
    [[1, 2], [3, 4]]
    """
    if COMPILED and values.ndim == 3:
        return _from_below(values, tolerance, min_side)
    return fastremap.renumber(_from_above(values, tolerance, min_side), preserve_zero=False)[0]


def _from_below(values: NDArray[Any], tolerance: float, min_side: int) -> NDArray[np.int32]:
    """Sum up from the smallest blocks, each even block painting over its parts."""
    plain = np.ascontiguousarray(values)
    # Any value amid the others keeps the sums of squares small: every eighth pixel tells one.
    centre = plain[::8, ::8].mean(axis=(0, 1), dtype=np.float64)
    if plain.dtype.kind in "iu":
        centre = np.rint(centre)  # sums of whole numbers are exact in any order
    labels = np.empty(values.shape[:2], np.int32)
    totals = np.zeros((2 + int(np.log2(max(labels.shape))) + 1, len(centre) + 1))
    least = max(int(min_side), 1)
    height, width = values.shape[:2]
    block = (0, int(height), 0, int(width))
    count = _climb(plain, centre, labels, totals, float(tolerance) ** 2, least, block, 0, 0)
    _renumber(labels.reshape(-1), np.zeros(count, np.int32))
    return labels


def _from_above(values: NDArray[Any], tolerance: float, min_side: int) -> NDArray[np.int32]:
    """Test all blocks of a level at once by means of integral images."""
    size = values.shape[:-1]
    sums, squares = _integrals(values)
    labels = np.empty(size, np.int32)
    starts, ends = np.zeros((1, len(size)), np.int64), np.array([size], np.int64)
    done = 0
    while len(starts):
        variance = _variance(sums, squares, starts, ends)
        split = (variance > tolerance**2) & ((ends - starts) > min_side).any(axis=1)
        done = _paint(labels, starts[~split], ends[~split], done)
        starts, ends = _children(starts[split], ends[split], min_side)
    return labels


@jit
def _climb(  # noqa: PLR0913, PLR0917 - arrays in one argument are slower
    values: NDArray[Any],
    centre: NDArray[np.float64],
    labels: NDArray[np.int32],
    totals: NDArray[np.float64],
    limit: float,
    min_side: int,
    block: tuple[int, int, int, int],
    depth: int,
    number: int,
) -> int:
    """Write a block's sums into its depth's row, paint it if even, return the next free number.

    ``block`` is top, bottom, left, right; the last column of ``totals`` holds sums of squares.
    """
    top, bottom, left, right = block
    channels = len(centre)
    totals[depth] = 0
    tall, wide = bottom - top > min_side, right - left > min_side
    if not tall and not wide:
        _fill(labels, block, number)
        _sum_up(values, centre, totals, block, depth)
        return number + 1
    y = (top + bottom) // 2 if tall else bottom
    x = (left + right) // 2 if wide else right
    for quarter in (
        (top, y, left, x),
        (top, y, x, right),
        (y, bottom, left, x),
        (y, bottom, x, right),
    ):
        if quarter[1] > quarter[0] and quarter[3] > quarter[2]:
            number = _climb(
                values, centre, labels, totals, limit, min_side, quarter, depth + 1, number
            )
            totals[depth] += totals[depth + 1]
    count = (bottom - top) * (right - left)
    variance = totals[depth, channels] / count
    for channel in range(channels):
        variance -= (totals[depth, channel] / count) ** 2
    if variance > limit:
        return number
    _fill(labels, block, number)
    return number + 1


@jit
def _sum_up(
    values: NDArray[Any],
    centre: NDArray[np.float64],
    totals: NDArray[np.float64],
    block: tuple[int, int, int, int],
    depth: int,
) -> None:
    """Add a block's values and squares to its depth's row."""
    squares = 0.0
    for channel in range(len(centre)):
        middle, total = centre[channel], 0.0
        for y in range(block[0], block[1]):
            for x in range(block[2], block[3]):
                value = values[y, x, channel] - middle
                total += value
                squares += value * value
        totals[depth, channel] += total
    totals[depth, len(centre)] += squares


@jit
def _fill(labels: NDArray[np.int32], block: tuple[int, int, int, int], number: int) -> None:
    for y in range(block[0], block[1]):
        for x in range(block[2], block[3]):
            labels[y, x] = number


@jit
def _renumber(labels: NDArray[np.int32], numbers: NDArray[np.int32]) -> None:
    """Number labels 1.. in the order of their first pixel."""
    count = 0
    for pixel in range(len(labels)):
        label = labels[pixel]
        if numbers[label] == 0:
            count += 1
            numbers[label] = count
        labels[pixel] = numbers[label]


def _integrals(values: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of the values (..., C) and of their squares (...), one longer each axis.

    The mean is taken off first, which keeps the difference of the two terms of a variance exact.
    """
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] <= 4:  # exact as it is
        sums, squares = cv2.integral2(np.ascontiguousarray(values), cv2.CV_64F, cv2.CV_64F)[:2]
        shape = (values.shape[0] + 1, values.shape[1] + 1, -1)
        return np.asarray(sums.reshape(shape)), np.asarray(squares.reshape(shape).sum(axis=-1))
    centred = values - values.mean(axis=tuple(range(values.ndim - 1)), dtype=np.float64)
    squares = np.einsum("...c,...c->...", centred, centred)[..., np.newaxis]
    return _integral(centred), _integral(squares)[..., 0]


def _integral(values: NDArray[np.float64]) -> NDArray[np.float64]:
    axes = values.ndim - 1
    if axes == 2 and values.shape[-1] <= 4:
        sums = cv2.integral(np.ascontiguousarray(values), sdepth=cv2.CV_64F)
        return np.asarray(sums).reshape(values.shape[0] + 1, values.shape[1] + 1, -1)
    sums = np.pad(values, [(1, 0)] * axes + [(0, 0)])
    for axis in range(axes):
        np.cumsum(sums, axis=axis, out=sums)
    return sums


def _variance(
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the variance of each block, summed over the channels."""
    axes = starts.shape[1]
    total, total_squares = np.zeros((len(starts), sums.shape[-1])), np.zeros(len(starts))
    for corner in product((0, 1), repeat=axes):
        index = tuple(np.where(corner, ends, starts).T)
        sign = (-1) ** (axes - sum(corner))
        total += sign * sums[index]
        total_squares += sign * squares[index]
    count = np.prod(ends - starts, axis=1)
    return np.asarray(total_squares / count - ((total / count[:, np.newaxis]) ** 2).sum(axis=1))


def _children(
    starts: NDArray[np.int64], ends: NDArray[np.int64], min_side: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the parts of each block; an axis that is short enough stays whole."""
    middles = np.where(ends - starts > min_side, (starts + ends) // 2, ends)
    parts = [
        (np.where(upper, middles, starts), np.where(upper, ends, middles))
        for upper in product((False, True), repeat=starts.shape[1])
    ]
    first = np.stack([part[0] for part in parts], axis=1).reshape(-1, starts.shape[1])
    last = np.stack([part[1] for part in parts], axis=1).reshape(-1, starts.shape[1])
    some = (last > first).all(axis=1)
    return first[some], last[some]


def _paint(
    labels: NDArray[np.int32], starts: NDArray[np.int64], ends: NDArray[np.int64], done: int
) -> int:
    """Number the leaves from ``done`` + 1; leaves of one shape are written at once."""
    numbers = done + 1 + np.arange(len(starts), dtype=np.int32)
    sides = ends - starts
    axes = labels.ndim
    keys = sides @ np.cumprod([1, *(side + 1 for side in labels.shape[:0:-1])])[::-1]
    for key in np.unique(keys):
        chosen = np.flatnonzero(keys == key)
        shape = sides[chosen[0]]
        index = tuple(
            starts[chosen, axis].reshape((-1,) + (1,) * axes)
            + np.arange(shape[axis]).reshape((1,) * (1 + axis) + (-1,) + (1,) * (axes - 1 - axis))
            for axis in range(axes)
        )
        labels[index] = numbers[chosen].reshape((-1,) + (1,) * axes)
    return done + len(starts)

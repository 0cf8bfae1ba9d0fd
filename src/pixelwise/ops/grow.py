"""Answers of the model's size grown to the picture's size: soft values, decisions, ids."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.axes import Axis
from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "bilinear", "finite", "repeated", "threshold", "winner"]

KERNELS = Kernels("pixelwise.ops.grow_kernels")
"""The compiled twins of :func:`threshold` and :func:`winner`."""


def bilinear(values: NDArray[np.float32], rows: Axis, columns: Axis) -> NDArray[np.float32]:
    """Return values (h, w) float32 at the size of the axes, (H, W) float32.

    >>> from pixelwise.ops.axes import corners
    >>> bilinear(np.float32([[0, 1]]), corners(1, 1), corners(2, 3)).tolist()
    [[0.0, 0.5, 1.0]]
    """
    values = _doubled(values)
    upper, lower = values[rows.start], values[rows.start + 1]
    tall = upper + (lower - upper) * rows.weight[:, np.newaxis]
    left, right = tall[:, columns.start], tall[:, columns.start + 1]
    return left + (right - left) * columns.weight


def finite(values: NDArray[np.float32]) -> bool:
    """Return whether no value is NaN or infinite.

    >>> finite(np.float32([1, np.inf]))
    False
    """
    kernels = KERNELS.ready()
    if kernels is None or not values.flags.c_contiguous:
        return bool(np.isfinite(values).all())
    return bool(kernels.finite(values.reshape(-1)))


def repeated(
    values: NDArray[Any], rows: NDArray[np.integer[Any]], columns: NDArray[np.integer[Any]]
) -> Any:  # noqa: ANN401
    """Return ``values[rows][:, columns]`` of (h, w) values, in their dtype, fast when it grows.

    >>> repeated(np.array([[1, 2]]), np.array([0, 0]), np.array([0, 1, 1])).tolist()
    [[1, 2, 2], [1, 2, 2]]
    """
    return values.take(columns, axis=1).take(rows, axis=0)


def threshold(
    scores: NDArray[np.float32], level: float, rows: Axis, columns: Axis
) -> NDArray[np.bool_]:
    """Return where the bilinear score is above ``level``, bool (H, W).

    The answer is that of ``bilinear(...) > level``; values are worked out only in the cells
    whose corners disagree.

    Args:
        scores: (h, w) float32, finite.
        level: The level.
        rows: Vertical geometry.
        columns: Horizontal geometry.

    >>> from pixelwise.ops.axes import corners
    >>> threshold(np.float32([[0, 1]]), 0.4, corners(1, 1), corners(2, 3)).tolist()
    [[False, True, True]]
    """
    scores = _doubled(scores)
    kernels = KERNELS.ready()
    if kernels is None:
        return _threshold(scores, np.float32(level), rows, columns)
    mask = np.empty((len(rows), len(columns)), bool)
    kernels.threshold(
        np.ascontiguousarray(scores),
        np.float32(level),
        rows.start,
        rows.weight,
        columns.start,
        columns.weight,
        mask,
    )
    return mask


def winner(
    scores: NDArray[np.float32], ids: NDArray[np.int32], rows: Axis, columns: Axis
) -> NDArray[np.int32]:
    """Return the id of the greatest bilinear channel, int32 (H, W); the first of equals.

    Args:
        scores: (h, w, C) float32, finite.
        ids: (C,) int32, what each channel stands for.
        rows: Vertical geometry.
        columns: Horizontal geometry.

    >>> from pixelwise.ops.axes import corners
    >>> scores = np.float32([[[0, 1], [1, 0]]])
    >>> winner(scores, np.int32([7, 9]), corners(1, 1), corners(2, 4)).tolist()
    [[9, 9, 7, 7]]
    """
    scores = _doubled(scores)
    kernels = KERNELS.ready()
    if kernels is None:
        return _winner(scores, ids, rows, columns)
    labels = np.empty((len(rows), len(columns)), np.int32)
    kernels.winner(
        np.ascontiguousarray(scores),
        np.ascontiguousarray(ids, np.int32),
        rows.start,
        rows.weight,
        columns.start,
        columns.weight,
        labels,
    )
    return labels


def _doubled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values with at least two rows and columns."""
    for axis in (0, 1):
        if values.shape[axis] == 1:
            values = np.repeat(values, 2, axis=axis)
    return values


def _threshold(
    scores: NDArray[np.float32], level: np.float32, rows: Axis, columns: Axis
) -> NDArray[np.bool_]:
    above = (scores > level).view(np.uint8)
    counts = above[:-1, :-1] + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
    states = np.array([0, 2, 2, 2, 1], np.uint8)[counts]
    mask = repeated(states, rows.start, columns.start)
    y, x = np.nonzero(mask == 2)
    mask[y, x] = _between(scores, rows, columns, y, x) > level
    return mask.view(bool)


def _winner(
    scores: NDArray[np.float32], ids: NDArray[np.int32], rows: Axis, columns: Axis
) -> NDArray[np.int32]:
    best = scores.argmax(axis=-1).astype(np.int32)
    corner = best[:-1, :-1]
    same = (best[1:, :-1] == corner) & (best[:-1, 1:] == corner) & (best[1:, 1:] == corner)
    labels = repeated(np.where(same, ids[corner], -1), rows.start, columns.start)
    mixed = repeated(~same, rows.start, columns.start)
    y, x = np.nonzero(mixed)
    labels[y, x] = ids[_between(scores, rows, columns, y, x).argmax(axis=-1)]
    return labels


def _between(
    scores: NDArray[np.float32],
    rows: Axis,
    columns: Axis,
    y: NDArray[np.intp],
    x: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Return the bilinear scores of single pixels, (N,) or (N, C)."""
    row, column = rows.start[y], columns.start[x]
    down, along = rows.weight[y], columns.weight[x]
    if scores.ndim == 3:
        down, along = down[:, np.newaxis], along[:, np.newaxis]
    upper, lower = scores[row, column], scores[row + 1, column]
    left = upper + (lower - upper) * down
    upper, lower = scores[row, column + 1], scores[row + 1, column + 1]
    right = upper + (lower - upper) * down
    return left + (right - left) * along

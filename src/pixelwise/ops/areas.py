"""How many pixels of the picture lie above a level, counted without making the picture."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.axes import Axis
from pixelwise.ops.compiled import Kernels
from pixelwise.ops.grow import threshold

__all__ = ["KERNELS", "areas_from"]

KERNELS = Kernels("pixelwise.ops.area_kernels")
"""The compiled twin of :func:`areas_from`."""


def areas_from(
    scores: NDArray[np.float32], level: float, rows: Axis, columns: Axis
) -> NDArray[np.int64]:
    """Return how many pixels of each channel are ``level`` or more, (C,) int64.

    Args:
        scores: (h, w, C) float32, finite, at least two rows and columns.
        level: The level.
        rows: Vertical geometry.
        columns: Horizontal geometry.

    >>> from pixelwise.ops.axes import corners
    >>> ramp = np.float32([[[0], [1]], [[0], [1]]])
    >>> areas_from(ramp, 0.5, corners(2, 4), corners(2, 3)).tolist()
    [8]
    """
    kernels = KERNELS.ready()
    if kernels is None:
        below = float(np.nextafter(np.float32(level), np.float32(-np.inf)))
        planes = np.moveaxis(scores, -1, 0)
        return np.array(
            [np.count_nonzero(threshold(plane, below, rows, columns)) for plane in planes], np.int64
        )
    counts = np.zeros(scores.shape[2], np.int64)
    kernels.areas_from(
        np.ascontiguousarray(scores),
        np.float32(level),
        _edges(rows),
        rows.weight,
        _edges(columns),
        columns.weight,
        counts,
    )
    return counts


def _edges(axis: Axis) -> NDArray[np.int64]:
    """Return the first pixel of each cell, and the number of pixels at the end."""
    return np.searchsorted(axis.start, np.arange(axis.length)).astype(np.int64)

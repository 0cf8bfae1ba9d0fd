"""Compiled: pixels above a level counted cell by cell; only mixed cells are looked into."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["areas_from"]

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@jit
def _inside(  # noqa: PLR0913, PLR0917 - scalars, as a small array would cost more than the work
    a: np.float32,
    b: np.float32,
    c: np.float32,
    d: np.float32,
    level: np.float32,
    down: F32,
    along: F32,
) -> int:
    """Return how many pixels of a cell with corners a b above c d are ``level`` or more."""
    count = 0
    for y in range(len(down)):
        left = a + (c - a) * down[y]
        gap = b + (d - b) * down[y] - left
        for x in range(len(along)):
            count += left + gap * along[x] >= level
    return count


@jit
def areas_from(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    scores: F32,
    level: np.float32,
    row_edges: I64,
    row_weight: F32,
    column_edges: I64,
    column_weight: F32,
    counts: I64,
) -> None:
    """Add to ``counts`` (C,) the pixels from ``level`` on in each channel of (h, w, C)."""
    for row in range(scores.shape[0] - 1):
        top, bottom = row_edges[row], row_edges[row + 1]
        for column in range(scores.shape[1] - 1):
            left, right = column_edges[column], column_edges[column + 1]
            upper, lower = scores[row, column], scores[row + 1, column]
            after, under = scores[row, column + 1], scores[row + 1, column + 1]
            down, along = row_weight[top:bottom], column_weight[left:right]
            pixels = (bottom - top) * (right - left)
            for channel in range(scores.shape[2]):
                a, b, c, d = upper[channel], after[channel], lower[channel], under[channel]
                if a < level and b < level and c < level and d < level:
                    continue
                if a >= level and b >= level and c >= level and d >= level:
                    counts[channel] += pixels
                else:
                    counts[channel] += _inside(a, b, c, d, level, down, along)

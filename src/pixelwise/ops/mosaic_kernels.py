"""Compiled: a window laid into a mosaic, and its winners; equal to their fallbacks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["lay", "won"]

Values = NDArray[np.float32]


@jit
def lay(total: Values, answer: Values, down: Values, along: Values, at: tuple[int, int]) -> None:
    """Add ``answer`` times its weights, of whatever strides, to a contiguous ``total``.

    Row by row: where channels come last, a row stays in the cache for all of them.
    """
    y, x = at
    top, left = max(y, 0), max(x, 0)
    bottom = min(y + answer.shape[1], total.shape[1])
    right = min(x + answer.shape[2], total.shape[2])
    if top >= bottom or left >= right:
        return
    counts = along[left - x : right - x]
    for row in range(top, bottom):
        weight = down[row - y]
        for plane in range(len(total)):
            onto = total[plane, row, left:right]
            own = answer[plane, row - y, left - x : right - x]
            for place in range(len(onto)):
                onto[place] += own[place] * (weight * counts[place])


@jit
def won(planes: Values, ids: NDArray[Any], labels: NDArray[Any], best: Values) -> None:
    """Write the id of the greatest plane above 0 into ``labels``; ``best`` is a row of room."""
    for row in range(planes.shape[1]):
        best[:] = 0
        onto = labels[row]
        for plane in range(len(planes)):
            own, label = planes[plane, row], ids[plane]
            for place in range(len(best)):
                wins = own[place] > best[place]  # no branch: so it goes several pixels at a time
                best[place] = own[place] if wins else best[place]
                onto[place] = label if wins else onto[place]

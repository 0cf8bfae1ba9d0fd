"""Compiled: a window laid into a mosaic; equal to its fallback."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["lay"]

Values = NDArray[np.float32]


@jit
def lay(total: Values, answer: Values, down: Values, along: Values, at: tuple[int, int]) -> None:
    """Add ``answer`` times its weights, of whatever strides, to a contiguous ``total``."""
    y, x = at
    top, left = max(y, 0), max(x, 0)
    bottom = min(y + answer.shape[1], total.shape[1])
    right = min(x + answer.shape[2], total.shape[2])
    if top >= bottom or left >= right:
        return
    counts = along[left - x : right - x]
    for plane in range(len(total)):
        for row in range(top, bottom):
            onto = total[plane, row, left:right]
            own = answer[plane, row - y, left - x : right - x]
            weight = down[row - y]
            for place in range(len(onto)):
                onto[place] += own[place] * (weight * counts[place])

"""Answers of overlapping windows laid together, and the strongest of them at each pixel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "lay", "strongest"]

KERNELS = Kernels("pixelwise.ops.mosaic_kernels")
Values = NDArray[np.float32]

ROWS = 16
"""Of a strip: its planes stay in the processor's cache."""


def lay(total: Values, answer: Values, weights: tuple[Values, Values], at: tuple[int, int]) -> None:
    """Add the weighted part of a window's answer that lies in ``total``, which is changed.

    Args:
        total: (C, H, W) float32, C-contiguous.
        answer: (C, h, w) float32, of any strides.
        weights: (h,) and (w,) float32: a pixel counts as much as their product.
        at: y and x of the window's first pixel in ``total``; may lie outside.

    >>> total, weights = np.zeros((1, 1, 3), np.float32), (np.float32([2]), np.float32([1, 3]))
    >>> lay(total, np.float32([[[1, 2]]]), weights, (0, 2))
    >>> lay(total, np.float32([[[3, 4]]]), weights, (0, -1))
    >>> total.tolist()
    [[[24.0, 0.0, 2.0]]]
    """
    down, along = weights
    kernels = KERNELS.ready()
    if kernels is not None:
        kernels.lay(total, answer, down, along, at)
        return
    (y, x), (height, width) = at, answer.shape[1:]
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + height, total.shape[1]), min(x + width, total.shape[2])
    if top < bottom and left < right:
        rows, columns = slice(top - y, bottom - y), slice(left - x, right - x)
        weight = down[rows, np.newaxis] * along[columns]
        total[:, top:bottom, left:right] += answer[:, rows, columns] * weight


def strongest(planes: Values) -> NDArray[np.unsignedinteger[Any]]:
    """Return which plane is greatest at each pixel (H, W), the first of equals.

    As ``planes.argmax(axis=0)``, many times faster.

    Args:
        planes: (C, H, W) float32, finite; C is at most 65536.

    >>> strongest(np.float32([[[0, 1, 2]], [[1, 1, 0]]])).tolist()
    [[1, 0, 0]]
    """
    dtype = np.uint8 if len(planes) <= 256 else np.uint16
    made = np.zeros(planes.shape[1:], dtype)
    for top in range(0, len(made), ROWS):
        strip, place = planes[:, top : top + ROWS], made[top : top + ROWS]
        best = strip[0].copy()
        for number in range(1, len(strip)):
            # numbers only grow, so that the greatest one that won is the last one that won
            np.maximum(place, (strip[number] > best) * dtype(number), out=place)
            np.maximum(best, strip[number], out=best)
    return made

"""Answers of overlapping windows laid together, and who is strongest at each pixel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "lay", "won"]

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


def won(
    planes: Values, ids: NDArray[np.unsignedinteger[Any]], none: int
) -> NDArray[np.unsignedinteger[Any]]:
    """Return the id of the greatest plane at each pixel (H, W), the first of equals.

    Args:
        planes: (C, H, W) float32, finite, 0 or more.
        ids: (C,) what each plane stands for; the answer has their dtype.
        none: Stands where all planes are 0.

    >>> won(np.float32([[[0, 1, 0]], [[1, 1, 0]]]), np.uint8([5, 6]), 9).tolist()
    [[6, 5, 9]]
    """
    labels = np.full(planes.shape[1:], none, ids.dtype)
    kernels = KERNELS.ready()
    if kernels is not None:
        kernels.won(planes, ids, labels, np.empty(planes.shape[2], np.float32))
        return labels
    for top in range(0, len(labels), ROWS):
        strip, place = planes[:, top : top + ROWS], labels[top : top + ROWS]
        best = np.zeros(place.shape, np.float32)
        for plane, label in zip(strip, ids, strict=True):
            np.copyto(place, label, where=plane > best)
            np.maximum(best, plane, out=best)
    return labels

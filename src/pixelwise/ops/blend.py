"""One picture laid over another through a soft mask, in whole numbers."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "paste"]

KERNELS = Kernels("pixelwise.ops.blend_kernels")
"""The compiled twin of what :func:`paste` does where the alpha is soft."""

TRIPLE = np.dtype("V3")
"""Three levels as one thing: numpy then moves whole pixels, several times faster."""


def paste(onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    """Lay ``pixels`` over ``onto``, which is changed; each value is rounded once.

    Where alpha is 255 or 0 pixels are copied or left; sums are done only in between.

    Args:
        onto: (H, W, 3) uint8, the background, written in place; C-contiguous.
        pixels: (H, W, 3) uint8, the foreground.
        alpha: (H, W) uint8; 255 takes ``pixels``, 0 leaves ``onto``.

    >>> below = np.zeros((1, 3, 3), np.uint8)
    >>> paste(below, np.full((1, 3, 3), 200, np.uint8), np.array([[0, 51, 255]], np.uint8))
    >>> below[0, :, 0].tolist()
    [0, 40, 200]
    """
    pixels, alpha = np.ascontiguousarray(pixels), np.ascontiguousarray(alpha)
    cv2.copyTo(pixels, (alpha == 255).view(np.uint8), onto)
    kernels = KERNELS.ready()
    blend = _blend if kernels is None else kernels.blend
    blend(onto.reshape(-1), pixels.reshape(-1), alpha.reshape(-1))


def _blend(onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    """Blend flat arrays in place where alpha is neither 0 nor 255."""
    band = np.flatnonzero((alpha > 0) & (alpha < 255))
    over = np.repeat(alpha[band].astype(np.uint16), 3)  # 255 x 255 + 128 fits 16 bits
    below = onto.reshape(-1, 3)
    total = pixels.reshape(-1, 3).take(band, axis=0).reshape(-1) * over
    total += below.take(band, axis=0).reshape(-1) * (np.uint16(255) - over)
    total += np.uint16(128)
    mixed = (total + (total >> 8)) >> 8  # divided by 255 and rounded, exactly
    below.view(TRIPLE).reshape(-1).put(band, mixed.astype(np.uint8).view(TRIPLE))

"""Block means of a picture, and the way back by linear enlarging."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["grown", "shrunk"]


def shrunk(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the means of factor x factor blocks; the picture is mirrored to whole blocks.

    Args:
        pixels: (H, W, C) uint8.
        factor: A power of two.

    >>> shrunk(np.array([[[0], [4]], [[8], [8]]], np.uint8), 2).tolist()
    [[[5]]]
    """
    height, width, channels = pixels.shape
    below, right = -height % factor, -width % factor
    if below or right:
        pixels = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT_101)
    while factor > 1:  # halving again and again is what OpenCV does fastest
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)
        factor //= 2
    return pixels.reshape(*pixels.shape[:2], channels)


def grown(small: NDArray[np.uint8], factor: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return blocks (h, w, C) uint8 enlarged linearly by ``factor`` and cut to (height, width).

    >>> grown(np.full((2, 2, 1), 9, np.uint8), 4, (7, 5)).shape
    (7, 5, 1)
    """
    whole = (small.shape[1] * factor, small.shape[0] * factor)
    made = cv2.resize(small, whole, interpolation=cv2.INTER_LINEAR)
    cut = made.reshape(whole[1], whole[0], small.shape[2])[: size[0], : size[1]]
    return np.ascontiguousarray(cut)

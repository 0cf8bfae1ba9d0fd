"""Block means of a picture, and the way back by linear enlarging."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["grown", "shrunk", "shrunk_softly", "spread"]


def shrunk(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the means of factor x factor blocks; the picture is mirrored to whole blocks.

    Args:
        pixels: (H, W, C) uint8.
        factor: A power of two.

    >>> shrunk(np.array([[[0], [4]], [[8], [8]]], np.uint8), 2).tolist()
    [[[5]]]
    """
    made = _framed(pixels, factor, 0)
    while factor > 1:  # halving again and again is what OpenCV does fastest
        made = _halved(made)
        factor //= 2
    return made.reshape(*made.shape[:2], pixels.shape[2])


def shrunk_softly(pixels: NDArray[np.uint8], factor: int, margin: int = 0) -> NDArray[np.uint8]:
    """Return blocks smoothed a little before every halving but the first.

    So fine texture does not come back as coarse blotches.

    Args:
        pixels: (H, W, C) uint8.
        factor: A power of two.
        margin: Blocks of the mirrored picture wanted on every side of it.

    >>> shrunk_softly(np.full((8, 8, 3), 7, np.uint8), 4, margin=2).shape
    (6, 6, 3)
    """
    made = _framed(pixels, factor, margin * factor)
    for step in range(factor.bit_length() - 1):
        if step:
            made = cv2.GaussianBlur(made, (3, 3), 0, borderType=cv2.BORDER_REFLECT)
        made = _halved(made)
    return made.reshape(*made.shape[:2], pixels.shape[2])


def grown(small: NDArray[np.uint8], factor: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return blocks (h, w, C) uint8 enlarged linearly by ``factor`` and cut to (height, width).

    >>> grown(np.full((2, 2, 1), 9, np.uint8), 4, (7, 5)).shape
    (7, 5, 1)
    """
    whole = (small.shape[1] * factor, small.shape[0] * factor)
    made = cv2.resize(small, whole, interpolation=cv2.INTER_LINEAR)
    cut = made.reshape(whole[1], whole[0], small.shape[2])[: size[0], : size[1]]
    return np.ascontiguousarray(cut)


def spread(factor: int) -> float:
    """Return the variance that :func:`shrunk_softly` and :func:`grown` blur by themselves.

    >>> spread(1), spread(2), spread(4)
    (0.0, 1.0, 6.0)
    """
    if factor == 1:
        return 0.0
    averaging, smoothing = (factor**2 - 1) / 12, (factor**2 - 4) / 6
    enlarging = (2 * factor**2 + 1) / 12
    return averaging + smoothing + enlarging


def _framed(pixels: NDArray[np.uint8], factor: int, edge: int) -> NDArray[np.uint8]:
    """Return the picture with ``edge`` mirrored pixels around it, and more to whole blocks."""
    below, right = edge + -pixels.shape[0] % factor, edge + -pixels.shape[1] % factor
    if not below and not right:
        return pixels
    mirrored = cv2.copyMakeBorder(pixels, edge, below, edge, right, cv2.BORDER_REFLECT_101)
    return np.asarray(mirrored, np.uint8)


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    return np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.uint8)

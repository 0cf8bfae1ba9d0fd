"""One picture laid over another through a soft mask, in whole numbers."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["paste"]

ALL = np.uint64(2**64 - 1)
"""Eight pixels of alpha 255 read as one word."""


def paste(onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    """Lay ``pixels`` over ``onto``, which is changed; each value is rounded once.

    Args:
        onto: (H, W, 3) uint8, the background, written in place; C-contiguous.
        pixels: (H, W, 3) uint8, the foreground.
        alpha: (H, W) uint8; 255 takes ``pixels``, 0 leaves ``onto``.

    >>> below = np.zeros((1, 3, 3), np.uint8)
    >>> paste(below, np.full((1, 3, 3), 200, np.uint8), np.array([[0, 51, 255]], np.uint8))
    >>> below[0, :, 0].tolist()
    [0, 40, 200]
    """
    cv2.copyTo(pixels, (alpha == 255).view(np.uint8), onto)
    if COMPILED:
        flat = np.ascontiguousarray(alpha).reshape(-1)
        words = flat[: flat.size // 8 * 8].view(np.uint64)
        _blend_words(onto.reshape(-1), np.ascontiguousarray(pixels).reshape(-1), flat, words)
    else:
        blend_gathered(onto, pixels, alpha)


def blend_gathered(
    onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]
) -> None:
    """Blend where alpha is neither 0 nor 255; equal to the compiled kernel to the last bit."""
    band = np.flatnonzero((alpha > 0) & (alpha < 255))
    over = alpha.reshape(-1)[band, np.newaxis].astype(np.uint32)
    below = onto.reshape(-1, onto.shape[-1])
    total = pixels.reshape(-1, pixels.shape[-1])[band] * over + below[band] * (255 - over) + 128
    below[band] = (total + (total >> 8)) >> 8


@jit
def _blend_words(
    onto: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    words: NDArray[np.uint64],
) -> None:
    """Blend in flat arrays, passing over eight pixels at once where nothing is to be mixed."""
    for word in range(len(words)):
        if words[word] != 0 and words[word] != ALL:
            _blend_run(onto, pixels, alpha, 8 * word, 8 * word + 8)
    _blend_run(onto, pixels, alpha, 8 * len(words), len(alpha))


@jit
def _blend_run(
    onto: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    start: int,
    end: int,
) -> None:
    for pixel in range(start, end):
        over = np.int32(alpha[pixel])
        for place in range(3 * pixel, 3 * pixel + 3):
            below = np.int32(onto[place])
            total = below * 255 + over * (np.int32(pixels[place]) - below) + 128
            onto[place] = (total + (total >> 8)) >> 8

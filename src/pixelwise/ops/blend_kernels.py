"""Compiled: the blend and the edge colours, over soft pixels only; equal to their fallbacks."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["blend", "correct"]

U8 = NDArray[np.uint8]

ALL = np.uint64(2**64 - 1)
"""Eight pixels of alpha 255 read as one word."""

WHOLE = 255 * 255


@jit
def blend(onto: U8, pixels: U8, alpha: U8) -> None:
    """Blend flat arrays in place, passing over eight pixels at once where nothing is mixed."""
    words = alpha[: len(alpha) // 8 * 8].view(np.uint64)
    for word in range(len(words)):
        if words[word] != 0 and words[word] != ALL:
            _blend_run(onto, pixels, alpha, 8 * word, 8 * word + 8)
    _blend_run(onto, pixels, alpha, 8 * len(words), len(alpha))


@jit
def _blend_run(onto: U8, pixels: U8, alpha: U8, start: int, end: int) -> None:
    for pixel in range(start, end):
        over = np.int32(alpha[pixel])
        for place in range(3 * pixel, 3 * pixel + 3):
            below = np.int32(onto[place])
            total = below * 255 + over * (np.int32(pixels[place]) - below) + 128
            onto[place] = (total + (total >> 8)) >> 8


@jit
def correct(front: U8, back: U8, pixels: U8, alpha: U8) -> None:
    """Bring the flat ``front``, in place, closer to what the soft pixels show."""
    for pixel in range(len(alpha)):
        share = np.int64(alpha[pixel])
        if share in (0, 255):
            continue
        for place in range(3 * pixel, 3 * pixel + 3):
            guess = np.int64(front[place])
            rest = 255 * np.int64(pixels[place]) - share * guess
            rest -= (255 - share) * np.int64(back[place])
            level = guess + (share * rest + WHOLE // 2) // WHOLE
            front[place] = min(max(int(level), 0), 255)

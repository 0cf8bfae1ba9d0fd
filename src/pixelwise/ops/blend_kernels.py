"""Compiled: enlarging, blending and edge colours, whole rows at once; equal to their fallbacks.

Every loop runs over the length of a slice: only then numba proves that no place is negative and
puts the loop into vector registers.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["blend", "correct", "cover", "cover_plane", "enlarge", "mix"]

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]

NONE, ALL = np.uint64(0), np.uint64(2**64 - 1)
"""Eight pixels of alpha 0 and of alpha 255, read as one word."""

STRETCH = 64
"""At most so many words are mixed in one go, as their alphas are laid out three times before."""

WHOLE = 255 * 255


@jit
def enlarge(wide: U16, factor: int, onto: U8) -> None:
    """Write rows between the rows of ``wide``, which are ``factor`` apart, by the half-pixel rule.

    Args:
        wide: (h, n) uint16, levels times 128 / factor.
        factor: 2, 4 or 8: sums of levels then fit 16 bits.
        onto: (H, n) uint8, written.
    """
    for y in range(len(onto)):
        _between(wide, factor, y, onto[y])


@jit
def cover(wide: U16, factor: int, pixels: U8, alpha: U8, onto: U8) -> None:
    """Write ``pixels`` over what :func:`enlarge` gives: each row while it is at hand.

    Args:
        wide: (h, 3 W) uint16, levels times 128 / factor.
        factor: 2, 4 or 8.
        pixels: (H * 3 W,) uint8.
        alpha: (H * W,) uint8.
        onto: (H, 3 W) uint8, written.
    """
    width = onto.shape[1] // 3
    three = np.empty(STRETCH * 24, np.uint8)
    flat = onto.reshape(-1)
    for y in range(len(onto)):
        _between(wide, factor, y, onto[y])
        _blend_from(flat, pixels, alpha, y * width, (y + 1) * width, three)


@jit
def cover_plane(wide: U16, factor: int, plane: U8, alpha: U8, onto: U8) -> None:
    """Do the same with one channel, where every pixel is mixed: that runs in vector registers.

    Args:
        wide: (h, W) uint16, levels times 128 / factor.
        factor: 2, 4 or 8.
        plane: (H * W,) uint8.
        alpha: (H * W,) uint8.
        onto: (H, W) uint8, written.
    """
    width = onto.shape[1]
    for y in range(len(onto)):
        _between(wide, factor, y, onto[y])
        mix(onto[y], plane[y * width : (y + 1) * width], alpha[y * width : (y + 1) * width])


@jit
def blend(onto: U8, pixels: U8, alpha: U8) -> None:
    """Lay flat ``pixels`` over flat ``onto``, in place."""
    _blend_from(onto, pixels, alpha, 0, len(alpha), np.empty(STRETCH * 24, np.uint8))


@jit
def _between(wide: U16, factor: int, y: int, row: U8) -> None:
    place = max(2 * y + 1 - factor, 0)  # in shares of 2 factor
    first = min(place // (2 * factor), len(wide) - 1)
    below = np.uint16(place % (2 * factor))
    above = np.uint16(2 * factor - below)
    _lerp(row, wide[first], above, wide[min(first + 1, len(wide) - 1)], below)


@jit
def _lerp(row: U8, upper: U16, above: np.uint16, lower: U16, below: np.uint16) -> None:
    for place in range(len(row)):
        total = np.uint16(upper[place] * above + lower[place] * below + np.uint16(128))
        row[place] = total >> np.uint16(8)


@jit
def _blend_from(onto: U8, pixels: U8, alpha: U8, start: int, end: int, three: U8) -> None:
    """Blend the pixels from ``start`` to ``end``, eight at once where nothing is mixed."""
    words = alpha[: len(alpha) // 8 * 8].view(np.uint64)
    word, last = min(-(-start // 8), end // 8), end // 8
    _mix(onto, pixels, alpha, start, max(8 * word, start), three)
    while word < last:
        first, kind = word, words[word]
        if not kind or kind == ALL:
            while word < last and words[word] == kind:
                word += 1
            if kind == ALL:
                _copy(onto[24 * first : 24 * word], pixels[24 * first : 24 * word])
            continue
        while word < min(last, first + STRETCH) and words[word] != NONE and words[word] != ALL:
            word += 1
        _mix(onto, pixels, alpha, 8 * first, 8 * word, three)
    _mix(onto, pixels, alpha, max(8 * last, start), end, three)


@jit
def _copy(onto: U8, pixels: U8) -> None:
    for place in range(len(onto)):
        onto[place] = pixels[place]


@jit
def _mix(onto: U8, pixels: U8, alpha: U8, start: int, end: int, three: U8) -> None:
    """Blend pixel by pixel, in 16 bits, divided by 255 and rounded exactly."""
    own = alpha[start:end]
    for pixel in range(len(own)):
        three[3 * pixel] = three[3 * pixel + 1] = three[3 * pixel + 2] = own[pixel]
    mix(onto[3 * start : 3 * end], pixels[3 * start : 3 * end], three[: 3 * len(own)])


@jit
def mix(row: U8, over: U8, alpha: U8) -> None:
    """Lay ``over`` over ``row``, in place; all three are flat and of one length."""
    for place in range(len(row)):
        share = np.uint16(alpha[place])
        total = row[place] * np.uint16(255 - share) + over[place] * share + np.uint16(128)
        row[place] = np.uint16(np.uint16(total) + (np.uint16(total) >> np.uint16(8))) >> np.uint16(
            8
        )


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

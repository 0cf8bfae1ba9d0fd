"""Compiled: enlarging, blending and edge colours, whole rows at once; equal to their fallbacks.

Every loop runs over the length of a slice: only then numba proves that no place is negative and
puts the loop into vector registers.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["blend", "correct", "cover", "cover_plane", "enlarge", "mix", "settle"]

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U64 = NDArray[np.uint64]

NONE, ALL = np.uint64(0), np.uint64(2**64 - 1)
"""Eight pixels of alpha 0 and of alpha 255, read as one word."""

STRETCH = 64
"""At most so many words are mixed in one go, as their alphas are laid out three times before."""

ZERO, FULL = np.float32(0), np.float32(255)
WHOLE, HALF = np.float32(255 * 255), np.float32(255 * 255 // 2)
"""Floats of 32 bits hold every sum that is made of these exactly, and go into vector registers."""


@jit
def enlarge(blocks: U8, factor: int, channels: int, onto: U8) -> None:
    """Write blocks grown ``factor`` times, linearly, by the half-pixel rule.

    Args:
        blocks: (h, w C) uint8.
        factor: 2, 4 or 8: sums of levels then fit 16 bits.
        channels: C.
        onto: (H, W C) uint8, written: no larger than what all blocks make.
    """
    wide, known = _room(blocks, factor)
    for y in range(len(onto)):
        if channels == 3:  # a fixed number is unrolled
            _between(blocks, factor, 3, y, wide, known, onto[y])
        else:
            _between(blocks, factor, channels, y, wide, known, onto[y])


@jit
def cover(blocks: U8, factor: int, pixels: U8, alpha: U8, onto: U8) -> None:
    """Write ``pixels`` over what :func:`enlarge` gives: each row while it is at hand.

    Args:
        blocks: (h, 3 w) uint8.
        factor: 2, 4 or 8.
        pixels: (H * 3 W,) uint8.
        alpha: (H * W,) uint8.
        onto: (H, 3 W) uint8, written.
    """
    width = onto.shape[1] // 3
    three = np.empty(STRETCH * 24, np.uint8)
    flat = onto.reshape(-1)
    wide, known = _room(blocks, factor)
    for y in range(len(onto)):
        _between(blocks, factor, 3, y, wide, known, onto[y])
        _blend_from(flat, pixels, alpha, y * width, (y + 1) * width, three)


@jit
def cover_plane(blocks: U8, factor: int, plane: U8, alpha: U8, onto: U8) -> None:
    """Do the same with one channel, where every pixel is mixed: that runs in vector registers.

    Args:
        blocks: (h, w) uint8.
        factor: 2, 4 or 8.
        plane: (H * W,) uint8.
        alpha: (H * W,) uint8.
        onto: (H, W) uint8, written.
    """
    width = onto.shape[1]
    wide, known = _room(blocks, factor)
    for y in range(len(onto)):
        _between(blocks, factor, 1, y, wide, known, onto[y])
        mix(onto[y], plane[y * width : (y + 1) * width], alpha[y * width : (y + 1) * width])


@jit
def blend(onto: U8, pixels: U8, alpha: U8) -> None:
    """Lay flat ``pixels`` over flat ``onto``, in place."""
    _blend_from(onto, pixels, alpha, 0, len(alpha), np.empty(STRETCH * 24, np.uint8))


@jit
def settle(front: U16, back: U16, factor: int, pixels: U8, alpha: U8, onto: U8) -> None:
    """Lay ``pixels`` over ``onto``, the soft ones in the colour that is the foreground's own.

    Args:
        front: (h, C W) uint16, the foreground's colours: levels times 128 / factor.
        back: As ``front``, the colours of what was behind it.
        factor: 1, 2, 4 or 8.
        pixels: (H * C W,) uint8.
        alpha: (H * W,) uint8.
        onto: (H, C W) uint8, written.
    """
    flat = onto.reshape(-1)
    channels = len(flat) // len(alpha)
    width = onto.shape[1] // channels
    words = _words(alpha)
    room = np.empty((3, STRETCH * 8 * channels), np.uint8)
    own, old, share = room[0], room[1], room[2]
    for y in range(len(onto)):
        upper, lower, above, below = _rows_at(y, factor, len(front))
        start, row = y * width, channels * y * width
        while start < (y + 1) * width:
            stop = _same_until(words, start, (y + 1) * width)
            if stop == start:
                stop = _mixed_until(words, start, (y + 1) * width)
                first, last = channels * start, channels * stop
                count, left, right = last - first, first - row, last - row
                _lerp(own[:count], front[upper][left:right], above, front[lower][left:right], below)
                _lerp(old[:count], back[upper][left:right], above, back[lower][left:right], below)
                _repeat(alpha[start:stop], channels, share)
                _purify(own[:count], old[:count], pixels[first:last], share[:count])
                mix(flat[first:last], own[:count], share[:count])
            elif alpha[start]:
                _copy(flat[channels * start : channels * stop], pixels[channels * start :])
            start = stop


@jit
def _room(blocks: U8, factor: int) -> tuple[U16, NDArray[np.int64]]:
    """Return room for two rows of blocks grown in width, and which rows those are."""
    return np.empty((2, blocks.shape[1] * factor), np.uint16), np.full(2, -1)


@jit
def _between(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    blocks: U8, factor: int, channels: int, y: int, wide: U16, known: NDArray[np.int64], row: U8
) -> None:
    """Write row ``y`` of the grown blocks; rows that are not known yet are grown in width."""
    upper, lower, above, below = _rows_at(y, factor, len(blocks))
    for number in (upper, lower):
        if known[number % 2] != number:
            _widen(blocks[number], factor, channels, wide[number % 2])
            known[number % 2] = number
    _lerp(row, wide[upper % 2], above, wide[lower % 2], below)


@jit
def _widen(blocks: U8, factor: int, channels: int, wide: U16) -> None:
    """Write a row of blocks (w C,) grown in width (w C factor,), levels times 128 / factor."""
    unit, half = 64 // factor**2, channels * (factor // 2)
    last = len(blocks) - channels
    for place in range(half):
        wide[place] = 2 * factor * unit * blocks[place % channels]
        wide[len(wide) - half + place] = 2 * factor * unit * blocks[last + place % channels]
    for x in range(last // channels):
        for channel in range(channels):
            block = np.uint64(channels * x + channel)
            left, right = np.int64(blocks[block]), np.int64(blocks[block + np.uint64(channels)])
            level, gap = 2 * factor * unit * left, unit * (right - left)
            to = np.uint64(channels * factor * x + half + channel)
            if factor == 4:  # a fixed number is unrolled
                for step in range(4):
                    wide[to + np.uint64(channels * step)] = level + (2 * step + 1) * gap
                continue
            for step in range(factor):
                wide[to + np.uint64(channels * step)] = level + (2 * step + 1) * gap


@jit
def _rows_at(y: int, factor: int, height: int) -> tuple[int, int, np.uint16, np.uint16]:
    """Return the two rows between which row ``y`` lies, and the weight of each."""
    place = max(2 * y + 1 - factor, 0)  # in shares of 2 factor
    first = min(place // (2 * factor), height - 1)
    below = np.uint16(place % (2 * factor))
    return first, min(first + 1, height - 1), np.uint16(2 * factor - below), below


@jit
def _lerp(row: U8, upper: U16, above: np.uint16, lower: U16, below: np.uint16) -> None:
    for place in range(len(row)):
        total = np.uint16(upper[place] * above + lower[place] * below + np.uint16(128))
        row[place] = total >> np.uint16(8)


@jit
def _blend_from(onto: U8, pixels: U8, alpha: U8, start: int, end: int, three: U8) -> None:
    """Blend the pixels from ``start`` to ``end``, eight at once where nothing is mixed."""
    words = _words(alpha)
    while start < end:
        stop = _same_until(words, start, end)
        if stop == start:
            stop = _mixed_until(words, start, end)
            _repeat(alpha[start:stop], 3, three)
            over = pixels[3 * start : 3 * stop]
            mix(onto[3 * start : 3 * stop], over, three[: 3 * (stop - start)])
        elif alpha[start]:
            _copy(onto[3 * start : 3 * stop], pixels[3 * start : 3 * stop])
        start = stop


@jit
def _words(alpha: U8) -> U64:
    return alpha[: len(alpha) // 8 * 8].view(np.uint64)


@jit
def _same_until(words: U64, start: int, end: int) -> int:
    """Return where the words from ``start`` on end that are all clear, or all whole."""
    word, last = start // 8, end // 8
    if start % 8 or word >= last:
        return start
    kind = words[word]
    if kind not in (NONE, ALL):
        return start
    while word < last and words[word] == kind:
        word += 1
    return 8 * word


@jit
def _mixed_until(words: U64, start: int, end: int) -> int:
    """Return where the stretch from ``start`` on ends that is mixed."""
    word, last = start // 8 + 1, min(end // 8, start // 8 + STRETCH)
    while word < last and words[word] != NONE and words[word] != ALL:
        word += 1
    return min(8 * word, end)


@jit
def _copy(onto: U8, pixels: U8) -> None:
    for place in range(len(onto)):
        onto[place] = pixels[place]


@jit
def _repeat(alpha: U8, channels: int, onto: U8) -> None:
    """Write each alpha as often as its pixel has channels."""
    for pixel in range(len(alpha)):
        for place in range(channels * pixel, channels * pixel + channels):
            onto[place] = alpha[pixel]


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
    words, three = _words(alpha), np.empty(STRETCH * 24, np.uint8)
    start = 0
    while start < len(alpha):
        stop = _same_until(words, start, len(alpha))
        if stop == start:
            stop = _mixed_until(words, start, len(alpha))
            first, last = 3 * start, 3 * stop
            _repeat(alpha[start:stop], 3, three)
            _purify(front[first:last], back[first:last], pixels[first:last], three[: last - first])
        start = stop


@jit
def _purify(own: U8, old: U8, pixels: U8, share: U8) -> None:
    """Bring guesses, in place, closer to what is shown: at a share of 255 they are just that.

    Args:
        own: (n,) the guessed foreground.
        old: (n,) the guessed background.
        pixels: (n,) what is shown of both.
        share: (n,) of the foreground.
    """
    for place in range(len(own)):
        part, guess = np.float32(share[place]), np.float32(own[place])
        rest = FULL * np.float32(pixels[place]) - part * guess
        rest -= (FULL - part) * np.float32(old[place])
        level = guess + np.floor((part * rest + HALF) / WHOLE)
        own[place] = np.uint8(min(max(level, ZERO), FULL))

"""Compiled: the filters of PNG rows taken off again, and 16-bit samples made numbers."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["numbers", "unfiltered"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]


@jit
def unfiltered(lines: Bytes, words: Words, unit: int) -> bool:
    """Turn filtered rows into samples where they lie; False when a filter is not known.

    Args:
        lines: (H, 1 + N) bytes: the number of the row's filter, then the row, whose N bytes are a
            multiple of ``unit``.
        words: (H, N // 8) the same rows, eight bytes at a time.
        unit: Bytes of a pixel, 1 or 2.
    """
    above = np.zeros(lines.shape[1] - 1, np.uint8)
    for y in range(len(lines)):
        way, row = lines[y, 0], lines[y, 1:]
        if way == 1 or (way == 4 and y == 0):  # Paeth below nothing foretells the left
            _sub(row, unit)
        elif way == 2:
            _up(above, row)
        elif way == 3:
            _average(above, row, unit)
        elif way == 4:
            _paeth(above, row, words[y - 1 : y + 1], unit)
        elif way != 0:
            return False
        above = row
    return True


@jit
def numbers(lines: Bytes) -> NDArray[np.int32]:
    """Return the 16-bit samples of unfiltered lines, whose high bytes come first, (H, W) int32."""
    made = np.empty((len(lines), lines.shape[1] // 2), np.int32)
    for y in range(len(lines)):
        row, out = lines[y, 1:], made[y]
        for x in range(len(out)):
            out[x] = np.int32(row[2 * x]) << 8 | np.int32(row[2 * x + 1])
    return made


# Each byte of the pixel is gone through apart, so that what the next step needs stays in registers.


@jit
def _sub(row: Bytes, unit: int) -> None:
    for first in range(unit):
        left = np.uint32(0)
        for pixel in range(len(row) // unit):
            x = first + pixel * unit
            left = np.uint32(left + row[x])
            row[x] = left


@jit
def _up(above: Bytes, row: Bytes) -> None:
    for x in range(len(row)):
        row[x] += above[x]


@jit
def _average(above: Bytes, row: Bytes, unit: int) -> None:
    for first in range(unit):
        left = np.uint32(0)
        for pixel in range(len(row) // unit):
            x = first + pixel * unit
            mean = (left + np.uint32(above[x])) >> np.uint32(1)
            left = np.uint32(row[x] + mean) & np.uint32(255)
            row[x] = left


@jit
def _paeth(above: Bytes, row: Bytes, words: Words, unit: int) -> None:
    """Add what the neighbour foretells that is nearest to left + above - upper left.

    Where left and upper left are equal, a zero stands for the pixel above, and they stay equal:
    words of zeros, of which label maps are full, are then copies.

    Args:
        above: The row above.
        row: The row.
        words: (2, N // 8) both of them, eight bytes at a time.
        unit: Bytes of a pixel.
    """
    level, count = True, words.shape[1]
    for word in range(count):
        if level and words[1, word] == 0:
            words[1, word] = words[0, word]
        else:
            level = _paeth_part(above, row, (8 * word, 8 * word + 8), unit)
    _paeth_part(above, row, (8 * count, len(row)), unit)


@jit
def _paeth_part(above: Bytes, row: Bytes, part: tuple[int, int], unit: int) -> bool:
    """Return whether the last pixel of the part is equal to the one above it."""
    begin, end = part
    level = True
    for first in range(unit):
        left = corner = np.int32(0)
        if begin > 0:
            left, corner = (
                np.int32(row[begin + first - unit]),
                np.int32(above[begin + first - unit]),
            )
        for x in range(begin + first, end, unit):
            up = np.int32(above[x])
            near = left
            if up != corner:  # nearly everywhere in label maps they are equal
                far_left, far_up, far_corner = (
                    abs(up - corner), abs(left - corner), abs(left + up - 2 * corner),
                )  # fmt: skip
                if far_left > far_up or far_left > far_corner:
                    near = up if far_up <= far_corner else corner
            left, corner = (near + np.int32(row[x])) & np.int32(255), up
            row[x] = left
        level = level and left == corner
    return level

"""Compiled: the filters of PNG rows taken off again."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["unfiltered"]

Bytes = NDArray[np.uint8]


@jit
def unfiltered(lines: Bytes, unit: int) -> bool:
    """Turn filtered rows into samples where they lie; False when a filter is not known.

    Args:
        lines: (H, 1 + N) bytes: the number of the row's filter, then the row, whose N bytes are a
            multiple of ``unit``.
        unit: Bytes of a pixel.
    """
    above = np.zeros(lines.shape[1] - 1, np.uint8)
    for y in range(len(lines)):
        way, row = lines[y, 0], lines[y, 1:]
        if way == 1:
            _sub(row, unit)
        elif way == 2:
            _up(above, row)
        elif way == 3:
            _average(above, row, unit)
        elif way == 4:
            _paeth(above, row, unit)
        elif way != 0:
            return False
        above = row
    return True


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
def _paeth(above: Bytes, row: Bytes, unit: int) -> None:
    """Add what the neighbour predicts that is nearest to left + above - upper left."""
    for first in range(unit):
        left = corner = np.int32(0)
        for pixel in range(len(row) // unit):
            x = first + pixel * unit
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

"""Compiled: the filters of PNG rows taken off again."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["unfiltered"]

Bytes = NDArray[np.uint8]


@jit
def unfiltered(ways: Bytes, rows: Bytes, unit: int) -> bool:
    """Turn filtered rows into samples where they lie; False when a filter is not known.

    Args:
        ways: (H,) the number of each row's filter.
        rows: (H, N) bytes, filtered; then the samples.
        unit: Bytes of a pixel.
    """
    above = np.zeros(rows.shape[1], np.uint8)
    for y in range(len(rows)):
        row, way = rows[y], ways[y]
        if way == 1:
            _sub(row, unit)
        elif way == 2:
            for x in range(len(row)):
                row[x] += above[x]
        elif way == 3:
            _average(above, row, unit)
        elif way == 4:
            _paeth(above, row, unit)
        elif way != 0:
            return False
        above = row
    return True


@jit
def _sub(row: Bytes, unit: int) -> None:
    for x in range(unit, len(row)):
        row[x] += row[x - unit]


@jit
def _average(above: Bytes, row: Bytes, unit: int) -> None:
    for x in range(len(row)):
        left = np.int32(row[x - unit]) if x >= unit else np.int32(0)
        row[x] += (left + np.int32(above[x])) // np.int32(2)


@jit
def _paeth(above: Bytes, row: Bytes, unit: int) -> None:
    """Add what the neighbour predicts that is nearest to left + above - upper left."""
    for x in range(len(row)):
        left = np.int32(row[x - unit]) if x >= unit else np.int32(0)
        corner = np.int32(above[x - unit]) if x >= unit else np.int32(0)
        up = np.int32(above[x])
        if up == corner:  # nearly everywhere in label maps
            row[x] += left
            continue
        far_left, far_up, far_corner = (
            abs(up - corner), abs(left - corner), abs(left + up - 2 * corner),
        )  # fmt: skip
        if far_left <= far_up and far_left <= far_corner:
            row[x] += left
        else:
            row[x] += up if far_up <= far_corner else corner

"""Compiled: a picture laid into a network's float input in one pass, corner on corner."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["lay_corners"]

U64 = NDArray[np.uint64]

WHOLE = np.uint64(32)
"""All 32nds of a pixel."""


@jit
def lay_corners(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    lines: NDArray[np.uint8],
    rows: NDArray[np.int32],
    columns: U64,
    channels: int,
    mean: np.float32,
    factor: np.float32,
    target: NDArray[np.float32],
) -> None:
    """Write ``(bilinear - mean) * factor``, the bilinear value rounded to a whole level.

    Two lines are blended as a whole, which runs in vector registers, before single pixels are
    picked out of the blend.

    Args:
        lines: (H, W * C), the picture.
        rows: (3, h): upper line, lower line, 32nds of the lower one.
        columns: (3, w): first byte of the left pixel, of the right one, 32nds of the right one;
            unsigned, so that no place is looked at for being negative.
        channels: C.
        mean: Taken off.
        factor: Times this.
        target: (h, w * C), written.
    """
    blend = np.empty(lines.shape[1], np.uint16)
    sums = np.empty(target.shape[1], np.int32)
    for y in range(len(target)):
        upper, lower = lines[rows[0, y]], lines[rows[1, y]]
        below, above = np.uint16(rows[2, y]), np.uint16(32 - rows[2, y])
        for byte in range(len(blend)):
            blend[byte] = upper[byte] * above + lower[byte] * below
        _pick(blend, columns, channels, sums)
        for byte in range(len(sums)):
            level = np.float32(np.int32((sums[byte] + np.int32(512)) >> np.int32(10)))
            target[y, byte] = (level - mean) * factor


@jit
def _pick(blend: NDArray[np.uint16], columns: U64, channels: int, sums: NDArray[np.int32]) -> None:
    left, right, part = columns[0], columns[1], columns[2]
    for x in range(len(left)):
        first, second, along = left[x], right[x], part[x]
        rest = WHOLE - along
        if channels == 3:  # a fixed number is unrolled
            for channel in range(3):
                step = np.uint64(channel)
                sums[3 * x + channel] = blend[first + step] * rest + blend[second + step] * along
            continue
        for channel in range(channels):
            step = np.uint64(channel)
            sums[channels * x + channel] = blend[first + step] * rest + blend[second + step] * along

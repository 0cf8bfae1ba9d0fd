"""Compiled: a picture laid into a network's float input in one pass, corner on corner."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["lay_corners"]

I32 = NDArray[np.int32]


@jit
def lay_corners(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    lines: NDArray[np.uint8],
    rows: I32,
    columns: I32,
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
        columns: (3, w): first byte of the left pixel, of the right one, 32nds of the right one.
        channels: C.
        mean: Taken off.
        factor: Times this.
        target: (h, w * C), written.
    """
    blend = np.empty(lines.shape[1], np.uint16)
    left, right, part = columns[0], columns[1], columns[2]
    for y in range(rows.shape[1]):
        upper, lower = rows[0, y], rows[1, y]
        below, above = np.uint16(rows[2, y]), np.uint16(32 - rows[2, y])
        for byte in range(lines.shape[1]):
            blend[byte] = lines[upper, byte] * above + lines[lower, byte] * below
        for x in range(columns.shape[1]):
            first, second, along = left[x], right[x], part[x]
            rest = np.int32(32) - along
            if channels == 3:  # a fixed number is unrolled
                for channel in range(3):
                    total = np.int32(blend[first + channel]) * rest
                    total += np.int32(blend[second + channel]) * along
                    level = np.float32(np.int32((total + np.int32(512)) >> np.int32(10)))
                    target[y, 3 * x + channel] = (level - mean) * factor
                continue
            for channel in range(channels):
                total = np.int32(blend[first + channel]) * rest
                total += np.int32(blend[second + channel]) * along
                level = np.float32(np.int32((total + np.int32(512)) >> np.int32(10)))
                target[y, channels * x + channel] = (level - mean) * factor

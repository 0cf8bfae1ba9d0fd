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
        rows: (h, 3): upper line, lower line, 32nds of the lower one.
        columns: (w, 3): first byte of the left pixel, of the right one, 32nds of the right one.
        channels: C.
        mean: Taken off.
        factor: Times this.
        target: (h, w * C), written.
    """
    blend = np.empty(lines.shape[1], np.uint16)
    for y in range(len(rows)):
        upper, lower = rows[y, 0], rows[y, 1]
        below = np.uint16(rows[y, 2])
        above = np.uint16(32 - rows[y, 2])
        for byte in range(lines.shape[1]):
            blend[byte] = lines[upper, byte] * above + lines[lower, byte] * below
        for x in range(len(columns)):
            left, right, along = columns[x, 0], columns[x, 1], columns[x, 2]
            if channels == 3:  # a fixed number is unrolled
                for channel in range(3):
                    total = blend[left + channel] * (32 - along) + blend[right + channel] * along
                    level = np.float32(np.int32((total + 512) >> 10))
                    target[y, x * 3 + channel] = (level - mean) * factor
                continue
            for channel in range(channels):
                total = blend[left + channel] * (32 - along) + blend[right + channel] * along
                level = np.float32(np.int32((total + 512) >> 10))
                target[y, x * channels + channel] = (level - mean) * factor

"""Compiled: RGB rows to luma and halved colours, in whole numbers; equal to its fallback."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["halve_colours"]

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
I32 = NDArray[np.int32]


@jit
def halve_colours(pixels: U8, weights: I32, luma: U8, u: U8, v: U8) -> None:
    """Write the three planes; their rows may be longer than needed.

    Args:
        pixels: (H, 3 W) uint8, both sides even.
        weights: (3, 3): of red, green, blue; the luma's in 256ths, the colours' in 1024ths.
        luma: (H, W or more) uint8, written.
        u: (H / 2, W / 2 or more) uint8, written.
        v: As ``u``.
    """
    width = pixels.shape[1] // 3
    sums = np.empty(3 * width, np.uint16)
    for row in range(len(pixels) // 2):
        upper, lower = pixels[2 * row], pixels[2 * row + 1]
        _luma(upper, weights[0], luma[2 * row, :width])
        _luma(lower, weights[0], luma[2 * row + 1, :width])
        _add(upper, lower, sums)
        _colours(sums, weights, u[row, : width // 2], v[row, : width // 2])


@jit
def _luma(row: U8, weights: I32, made: U8) -> None:
    red, green, blue = np.uint16(weights[0]), np.uint16(weights[1]), np.uint16(weights[2])
    for x in range(len(made)):
        total = red * row[3 * x] + green * row[3 * x + 1] + blue * row[3 * x + 2]
        made[x] = np.uint16(np.uint16(total) + np.uint16(16 * 256 + 128)) >> np.uint16(8)


@jit
def _add(upper: U8, lower: U8, sums: U16) -> None:
    for place in range(len(sums)):
        sums[place] = np.uint16(upper[place]) + np.uint16(lower[place])


@jit
def _colours(sums: U16, weights: I32, u: U8, v: U8) -> None:
    two, ten, half = np.int32(2), np.int32(10), np.int32(128 * 1024 + 512)
    ur, ug, ub = weights[1, 0], weights[1, 1], weights[1, 2]
    vr, vg, vb = weights[2, 0], weights[2, 1], weights[2, 2]
    for x in range(len(u)):
        red = (np.int32(sums[6 * x]) + np.int32(sums[6 * x + 3]) + two) >> two
        green = (np.int32(sums[6 * x + 1]) + np.int32(sums[6 * x + 4]) + two) >> two
        blue = (np.int32(sums[6 * x + 2]) + np.int32(sums[6 * x + 5]) + two) >> two
        u[x] = np.int32(ur * red + ug * green + ub * blue + half) >> ten
        v[x] = np.int32(vr * red + vg * green + vb * blue + half) >> ten

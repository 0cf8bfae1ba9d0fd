"""Between RGB and luma with colours, in the narrow range, as video keeps it."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["BLACK", "KERNELS", "LUMA_RANGE", "Planes", "halve_colours", "rgb_of"]

KERNELS = Kernels("pixelwise.ops.yuv_kernels")
"""The compiled twin of :func:`halve_colours`."""

FINE = (256, 1024, 1024)
"""Shares of a level in which luma and colours are weighed."""

UP = 1 / 4096
"""So little more sends halves up, where OpenCV would make them even."""

BLACK, LUMA_RANGE = 16, 219
"""The luma of black, and how far above it white is."""

NO_COLOUR, COLOUR_RANGE = 128, 224

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


def halve_colours(pixels: NDArray[np.uint8], red: float, blue: float, onto: Planes) -> None:
    """Write yuv420p in the narrow range: luma 16..235, colours 16..240 around 128.

    The colours are those of the means of 2 x 2 pixels.

    Args:
        pixels: (H, W, 3) uint8, both sides even; C-contiguous.
        red: Share of red in the luma.
        blue: Share of blue in the luma.
        onto: Luma (H, W or more) and two colour planes (H / 2, W / 2 or more), uint8, C-contiguous;
            columns that are too many are left as they are.

    >>> planes = tuple(np.zeros(size, np.uint8) for size in ((2, 2), (1, 1), (1, 1)))
    >>> halve_colours(np.full((2, 2, 3), 255, np.uint8), 0.2126, 0.0722, planes)
    >>> [plane.ravel().tolist() for plane in planes]
    [[235, 235, 235, 235], [128], [128]]
    """
    height, width = pixels.shape[:2]
    weights = _weights(red, blue)
    kernels = KERNELS.ready()
    if kernels is not None:
        kernels.halve_colours(pixels.reshape(height, -1), weights, *onto)
        return
    matrix = np.column_stack(
        [weights / np.reshape(FINE, (3, 1)), np.array([BLACK, NO_COLOUR, NO_COLOUR]) + UP]
    )
    matrix = matrix.astype(np.float32)
    small = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    small = small.reshape(height // 2, width // 2, 3)
    onto[0][:, :width] = cv2.extractChannel(cv2.transform(pixels, matrix), 0)
    colours = cv2.transform(small, matrix)
    for number in (1, 2):
        onto[number][:, : width // 2] = cv2.extractChannel(colours, number)


def rgb_of(pixels: NDArray[np.uint8], red: float, blue: float) -> NDArray[np.uint8]:
    """Return RGB (H, W, 3) uint8 of luma and colours of the same size.

    Args:
        pixels: (H, W, 3) uint8, luma and two colours in the narrow range.
        red: Share of red in the luma.
        blue: Share of blue in the luma.

    >>> rgb_of(np.uint8([[[16, 128, 128], [235, 128, 128]]]), 0.2126, 0.0722).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    return np.asarray(cv2.transform(pixels, _back(red, blue)), np.uint8)


@cache
def _back(red: float, blue: float) -> NDArray[np.float32]:
    """Return the (3, 4) matrix from narrow luma and colours to RGB levels."""
    green = 1 - red - blue
    u, v = 2 * (1 - blue) * 255 / COLOUR_RANGE, 2 * (1 - red) * 255 / COLOUR_RANGE
    luma = 255 / LUMA_RANGE
    turn = np.array(
        [[luma, 0, v], [luma, -u * blue / green, -v * red / green], [luma, u, 0]], np.float64
    )
    shift = -turn @ np.array([BLACK, NO_COLOUR, NO_COLOUR])
    made = np.column_stack([turn, shift]).astype(np.float32)
    made.flags.writeable = False
    return made


@cache
def _weights(red: float, blue: float) -> NDArray[np.int32]:
    """Return the (3, 3) whole weights; greys get no colour and the whole range of the luma."""
    luma = np.array([red, 1 - red - blue, blue])
    u = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    v = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    exact = (
        np.stack([luma * LUMA_RANGE, u * COLOUR_RANGE, v * COLOUR_RANGE])
        / 255
        * np.reshape(FINE, (3, 1))
    )
    made = np.rint(exact).astype(np.int32)
    made[:, 1] = np.array([220, 0, 0]) - made[:, 0] - made[:, 2]
    made.flags.writeable = False
    return made

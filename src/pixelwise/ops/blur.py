"""Wide blurs at a fraction of the cost: shrink, blur, enlarge."""

from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.blend import paste
from pixelwise.ops.blocks import grown, shrunk

F = TypeVar("F", np.uint8, np.float32)

__all__ = ["clean_blur", "wide_blur"]

STRICT = 4
"""Pixels that are foreground by a quarter or more do not speak for the background at all."""

FAINT = np.float32(1e-3)
"""Weight of the wider blur beside the narrower one."""

MOST_SHRUNK = 16
"""Sides are divided by at most this; beyond it the grid would show."""


def wide_blur(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a Gaussian blur, within 2 levels of ``cv2.GaussianBlur(pixels, (size, size), 0)``.

    (On photos 1 value of 10 000 is 3 or 4 levels off, and those at the frame up to 6, as the
    mirrored blocks differ from mirrored pixels.)

    The picture is shrunk by averaging, blurred there, and enlarged linearly; what those two
    steps blur on their own is taken off the blur between them.

    Args:
        pixels: (H, W, C) uint8.
        size: Kernel side in pixels, 1 or more; the standard deviation follows from it.

    Returns:
        (H, W, C) uint8, a new array.

    >>> wide_blur(np.full((8, 8, 3), 7, np.uint8), 55).max()
    np.uint8(7)
    """
    if size < 2:
        return pixels.copy()
    factor, sigma = _plan(size)
    if factor == 1:
        exact = cv2.GaussianBlur(pixels, (size | 1, size | 1), 0)
        return np.asarray(exact).reshape(pixels.shape)
    blurred = _gauss(shrunk(pixels, factor), sigma)
    return grown(blurred, factor, pixels.shape[:2])


def clean_blur(
    pixels: NDArray[np.uint8], foreground: NDArray[np.uint8], size: int
) -> NDArray[np.uint8]:
    """Return :func:`wide_blur` of the background alone: the foreground's colours do not smear.

    Every pixel counts by how much of it is background (normalised convolution). Deep inside the
    foreground, where no background is near, the colours come from a blur four times as wide, or
    from the picture's mean.

    Args:
        pixels: (H, W, 3) uint8.
        foreground: (H, W) uint8, 255 where nothing may smear.
        size: Kernel side in pixels, 1 or more.

    Source:
        H. Knutsson, C.-F. Westin, "Normalized and differential convolution", CVPR 1993.

    >>> two = np.uint8([[[0] * 3, [0] * 3, [200] * 3, [200] * 3]])
    >>> clean_blur(two, np.array([[0, 0, 255, 255]], np.uint8), 9)[0, :2].max()
    np.uint8(0)
    """
    factor, sigma = _plan(max(size, 3))
    claimed = cv2.convertScaleAbs(foreground, alpha=STRICT).reshape(foreground.shape)
    free = pixels.copy()
    paste(free, np.zeros_like(pixels), claimed)
    colours = shrunk(free, factor).astype(np.float32)
    weight = (1 - shrunk(claimed[..., np.newaxis], factor) / 255).astype(np.float32)
    mean = colours.sum((0, 1)) / max(float(weight.sum()), 1e-6)
    filled = np.broadcast_to(mean.astype(np.float32), colours.shape)
    for width in (4 * sigma, sigma):  # the wider blur speaks only where the narrower is silent
        total = _gauss(weight, width) + FAINT
        filled = (_gauss(colours, width) + filled * FAINT) / total
    return grown(np.rint(filled).astype(np.uint8), factor, pixels.shape[:2])


def _plan(size: int) -> tuple[int, float]:
    """Return by how much to shrink, and the deviation that is left to blur at that size."""
    variance = _variance(size)
    factor = 1
    while 16 * factor**2 <= variance and factor < MOST_SHRUNK:
        factor *= 2
    if factor == 1:
        return 1, variance**0.5
    box = (factor**2 - 1) / 12  # variance of the averaging
    tent = (2 * factor**2 + 1) / 12  # and of the linear enlarging
    return factor, (variance - box - tent) ** 0.5 / factor


@lru_cache(maxsize=64)
def _variance(size: int) -> float:
    """Return the variance of OpenCV's Gaussian kernel of ``size`` pixels, cut off as it is."""
    kernel = cv2.getGaussianKernel(size | 1, 0).reshape(-1)
    places = np.arange(len(kernel)) - len(kernel) // 2
    return float((kernel * places**2).sum())


def _gauss(values: NDArray[F], sigma: float) -> NDArray[F]:
    """Return the blur of block means; mirrored at the edge, where the blocks end."""
    kernel = cv2.getGaussianKernel(2 * max(round(3.4 * sigma), 1) + 1, sigma)
    blurred = cv2.sepFilter2D(values, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, values.dtype).reshape(values.shape)

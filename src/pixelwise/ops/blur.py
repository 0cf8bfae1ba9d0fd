"""Wide blurs at a fraction of the cost: shrink, blur, enlarge."""

from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.blend import paste
from pixelwise.ops.blocks import Coarse, shrunk_softly, spread

F = TypeVar("F", np.uint8, np.float32)

__all__ = ["clean_blur", "coarse_blur", "wide_blur"]

STRICT = 4
"""Pixels that are foreground by a quarter or more do not speak for the background at all."""

FAINT = np.float32(1e-3)
"""Weight of the wider blur beside the narrower one."""

MOST_SHRUNK = 16
"""Sides are divided by at most this; beyond it the grid would show."""


def wide_blur(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a Gaussian blur, within 2 levels of ``cv2.GaussianBlur(pixels, (size, size), 0)``.

    (A handful of values in a photo of a million are 3 levels off.)

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
    return coarse_blur(pixels, size).grown()


def coarse_blur(pixels: NDArray[np.uint8], size: int, step: int = 1) -> Coarse:
    """Return :func:`wide_blur` before it is enlarged: what only lies behind is blended so.

    Args:
        pixels: (H, W, C) uint8.
        size: Kernel side in pixels of the picture, 1 or more.
        step: What these pixels are apart, in pixels of the picture: 2 for halved colours.

    >>> coarse_blur(np.full((8, 8, 3), 7, np.uint8), 55).blocks.shape
    (2, 2, 3)
    """
    area = (pixels.shape[0], pixels.shape[1])
    if size < 2:
        return Coarse(pixels, 1, area)
    factor, sigma = _plan(size, step)
    if factor == 1:
        side = size // step | 1
        exact = cv2.GaussianBlur(pixels, (side, side), sigma if step > 1 else 0)
        return Coarse(np.asarray(exact, np.uint8).reshape(pixels.shape), 1, area)
    reach = _reach(sigma)
    blurred = _gauss(shrunk_softly(pixels, factor, reach), sigma)[reach:-reach, reach:-reach]
    return Coarse(blurred, factor, area)


def clean_blur(pixels: NDArray[np.uint8], foreground: NDArray[np.uint8], size: int) -> Coarse:
    """Return :func:`coarse_blur` of the background alone: the foreground's colours do not smear.

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
    >>> clean_blur(two, np.array([[0, 0, 255, 255]], np.uint8), 9).grown()[0, :2].max()
    np.uint8(0)
    """
    factor, sigma = _plan(max(size, 3))
    claimed = cv2.convertScaleAbs(foreground, alpha=STRICT).reshape(foreground.shape)
    free = pixels.copy()
    paste(free, np.zeros_like(pixels), claimed)
    reach = _reach(sigma)
    colours = shrunk_softly(free, factor, reach).astype(np.float32)
    covered = shrunk_softly(claimed[..., np.newaxis], factor, reach)
    weight = (1 - covered / 255).astype(np.float32)
    mean = colours.sum((0, 1)) / max(float(weight.sum()), 1e-6)
    filled = np.broadcast_to(mean.astype(np.float32), colours.shape)
    for width in (4 * sigma, sigma):  # the wider blur speaks only where the narrower is silent
        total = _gauss(weight, width) + FAINT
        filled = (_gauss(colours, width) + filled * FAINT) / total
    inside = np.rint(filled[reach:-reach, reach:-reach]).astype(np.uint8)
    return Coarse(inside, factor, (pixels.shape[0], pixels.shape[1]))


def _plan(size: int, step: int = 1) -> tuple[int, float]:
    """Return by how much to shrink, and the deviation that is left to blur at that size."""
    variance = _variance(size) / step**2
    factor = 1
    while 16 * factor**2 <= variance and factor < MOST_SHRUNK:
        factor *= 2
    return factor, float((variance - spread(factor)) ** 0.5 / factor)


@lru_cache(maxsize=64)
def _variance(size: int) -> float:
    """Return the variance of OpenCV's Gaussian kernel of ``size`` pixels, cut off as it is."""
    kernel = cv2.getGaussianKernel(size | 1, 0).reshape(-1)
    places = np.arange(len(kernel)) - len(kernel) // 2
    return float((kernel * places**2).sum())


def _reach(sigma: float) -> int:
    """Return how far a blur of that deviation looks, in blocks."""
    return max(round(3.4 * sigma), 1)


def _gauss(values: NDArray[F], sigma: float) -> NDArray[F]:
    """Return the blur of block means; mirrored at the edge, where the blocks end."""
    kernel = cv2.getGaussianKernel(2 * _reach(sigma) + 1, sigma)
    blurred = cv2.sepFilter2D(values, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, values.dtype).reshape(values.shape)

"""The vectors that region methods compare: CIELAB, or the grey level on the same scale."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelwise.ops.colour import grey, lab, levels

__all__ = ["colours", "smoothed"]

REACH = 4.0
"""Sigmas at which a Gaussian is cut off, as in scipy."""


def colours(pixels: NDArray[Any], smoothing: float = 0.0) -> NDArray[np.float32]:
    """Return smoothed CIELAB (H, W, 3), or L alone (..., 1) for one channel and for volumes.

    Args:
        pixels: (H, W, C) or (D, H, W, C), any real dtype.
        smoothing: Sigma in pixels; 0 smooths nothing.

    >>> colours(np.full((1, 1, 1), 255, np.uint8)).tolist()
    [[[100.0]]]
    """
    if pixels.ndim == 3 and pixels.shape[-1] >= 3:
        return smoothed(lab(pixels), smoothing)
    return smoothed(levels(grey(pixels))[..., np.newaxis] * np.float32(100 / 255), smoothing)


def smoothed(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return (H, W, C) or (D, H, W, C) smoothed by a Gaussian, each channel by itself.

    >>> smoothed(np.ones((3, 3, 2), np.float32), 1.0).round(5).tolist()[0][0]
    [1.0, 1.0]
    """
    if sigma <= 0:
        return values
    if values.ndim == 3 and min(values.shape[:2]) > int(REACH * sigma + 0.5):
        side = 2 * int(REACH * sigma + 0.5) + 1
        soft = cv2.GaussianBlur(values, (side, side), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(soft).reshape(values.shape)
    spread = (sigma,) * (values.ndim - 1) + (0.0,)
    return np.asarray(ndimage.gaussian_filter(values, spread, truncate=REACH))

"""What a pixel is clustered by: colour, and as much place and texture as wanted."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelwise.ops.colour import grey, lab, levels

__all__ = ["pixel_features", "smooth_colours"]

TEXTURE_WIDTHS = (3.0, 7.0)
"""Widths of the windows in which the spread of the brightness is measured, in pixels."""


def smooth_colours(pixels: NDArray[Any], width: float) -> NDArray[np.float32]:
    """Return CIELAB (H, W, 3) of a picture after a Gaussian of ``width`` pixels.

    Of a volume it is the grey level (D, H, W, 1), brought to 0..100, the range of CIELAB's L.

    >>> smooth_colours(np.full((1, 1, 1, 1), 255, np.uint8), 2.0).tolist()
    [[[[100.0]]]]
    """
    is_volume = pixels.ndim == 4
    colours = levels(grey(pixels))[..., np.newaxis] / np.float32(2.55) if is_volume else lab(pixels)
    return colours if width <= 0 else _blurred(colours, width)


def pixel_features(
    colours: NDArray[np.float32], *, position: float = 0.0, texture: float = 0.0
) -> NDArray[np.float32]:
    """Return the features of each pixel, (..., F) float32: colour first, then place, texture.

    Args:
        colours: (H, W, C) or (D, H, W, C) float32.
        position: Colour units to which the longest side of the picture is as far; 0 leaves
            the place out.
        texture: Weight of the spread of the brightness around the pixel, in two windows; 0
            leaves it out.

    >>> pixel_features(np.zeros((4, 6, 3), np.float32), position=100, texture=1).shape
    (4, 6, 7)
    """
    size = colours.shape[:-1]
    planes = [colours]
    if position > 0:
        place = np.moveaxis(np.indices(size, np.float32), 0, -1)
        planes.append(place * np.float32(position / max(size)))
    if texture > 0:
        planes.append(_spread(colours[..., :1]) * np.float32(texture))
    return planes[0] if len(planes) == 1 else np.concatenate(planes, axis=-1)


def _blurred(values: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return values (..., C) after a Gaussian of that standard deviation in pixels."""
    if values.ndim == 4:
        return np.asarray(ndimage.gaussian_filter(values, (width, width, width, 0.0)))
    return np.asarray(cv2.GaussianBlur(values, (0, 0), width)).reshape(values.shape)


def _spread(brightness: NDArray[np.float32]) -> NDArray[np.float32]:
    planes = []
    for width in TEXTURE_WIDTHS:
        mean = _blurred(brightness, width)
        square = _blurred(brightness * brightness, width)
        planes.append(np.sqrt(np.maximum(square - mean * mean, 0)))
    return np.concatenate(planes, axis=-1)

"""What a pixel is clustered by: colour, and as much place and texture as wanted."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["pixel_features", "smoothed"]

TEXTURE_WIDTHS = (3.0, 7.0)
"""Widths of the windows in which the spread of the brightness is measured, in pixels."""


def pixel_features(
    colours: NDArray[np.float32], *, position: float = 0.0, texture: float = 0.0
) -> NDArray[np.float32]:
    """Return the features of each pixel, (H, W, F) float32: colour first, then place, texture.

    Args:
        colours: (H, W, 3) float32 CIELAB.
        position: Colour units to which the longer side of the picture is as far; 0 leaves
            the place out.
        texture: Weight of the spread of the brightness around the pixel, in two windows; 0
            leaves it out.

    >>> pixel_features(np.zeros((4, 6, 3), np.float32), position=100, texture=1).shape
    (4, 6, 7)
    """
    height, width = colours.shape[:2]
    planes = [colours]
    if position > 0:
        place = np.moveaxis(np.indices((height, width), np.float32), 0, -1)
        planes.append(place * np.float32(position / max(height, width)))
    if texture > 0:
        planes.append(_spread(colours[..., 0]) * np.float32(texture))
    return planes[0] if len(planes) == 1 else np.concatenate(planes, axis=-1)


def smoothed(colours: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return the picture (H, W, C) after a Gaussian of that standard deviation in pixels."""
    if width <= 0:
        return colours
    return np.asarray(cv2.GaussianBlur(colours, (0, 0), width)).reshape(colours.shape)


def _spread(brightness: NDArray[np.float32]) -> NDArray[np.float32]:
    planes = []
    for width in TEXTURE_WIDTHS:
        mean = cv2.GaussianBlur(brightness, (0, 0), width)
        square = cv2.GaussianBlur(brightness * brightness, (0, 0), width)
        planes.append(np.sqrt(np.maximum(square - mean * mean, 0)).reshape(brightness.shape))
    return np.stack(planes, axis=-1)

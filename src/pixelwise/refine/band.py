"""Where a mask is in doubt: its soft values and the strip along its outline."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground
from pixelwise.ops.upsampled import Upsampled

__all__ = ["Coarse", "signed_distance"]

USUAL = 360
"""Cells along the diagonal of a network of 256 x 256: what is taken where nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """A foreground brought to the size at which its edges are worked on.

    Args:
        soft: (h, w) float32 0..1.
        mask: (h, w) bool.
        cell: Pixels of this size that one pixel of the network covers.
    """

    soft: NDArray[np.float32]
    mask: NDArray[np.bool_]
    cell: float

    @classmethod
    def of(cls, foreground: Foreground, cell: float) -> "Coarse":
        """Return ``foreground`` at the size at which a network's pixel covers ``cell`` pixels.

        It is never larger than the picture.
        """
        height, width = foreground.size
        own = _cell(foreground)
        scale = min(1.0, cell / own)
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        soft = _soft(foreground, size)
        return cls(soft, soft > np.float32(0.5), own * scale)


def signed_distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the distance to the outline in pixels, positive inside, (H, W) float32.

    >>> signed_distance(np.array([[False, True, True]])).tolist()
    [[-1.0, 1.0, 2.0]]
    """
    levels = mask.view(np.uint8)
    inside = cv2.distanceTransform(levels, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - levels, cv2.DIST_L2, 5)
    return np.asarray(inside - outside, np.float32).reshape(mask.shape)


def _cell(foreground: Foreground) -> float:
    plane = foreground.plane
    if not isinstance(plane, Upsampled):
        return max(1.0, float(np.hypot(foreground.size[0], foreground.size[1])) / USUAL)
    rows, columns = plane.values.shape[-2:]
    window = plane.window
    tall, wide = rows * (window.bottom - window.top), columns * (window.right - window.left)
    return float(np.sqrt(foreground.size[0] / tall * foreground.size[1] / wide))


def _soft(foreground: Foreground, size: tuple[int, int]) -> NDArray[np.float32]:
    plane = foreground.plane
    if isinstance(plane, Upsampled):
        return np.clip(np.asarray(Upsampled(plane.values, size, plane.window)), 0, 1)
    return _sized(foreground.alpha, size)


def _sized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    way = cv2.INTER_AREA if size[0] < values.shape[0] else cv2.INTER_LINEAR
    made = cv2.resize(values, size[::-1], interpolation=way)
    return np.asarray(made, np.float32).reshape(size)

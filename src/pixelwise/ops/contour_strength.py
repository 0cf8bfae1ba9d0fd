"""How likely each pixel lies on a contour, by direction: brightness, colour and texture."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.half_disc import DIRECTIONS, half_disc_gradient
from pixelwise.ops.progress import steps
from pixelwise.ops.texture import textons

__all__ = ["ContourStrength", "contour_strength"]

RADII = (3, 5, 10)
"""Radii of the half discs at half size; Arbelaez et al. 2011 take 5, 10, 20 at full size."""
TEXTONS = 24


class ContourStrength(NamedTuple):
    """Contour strength in two grains.

    Args:
        coarse: (8, h, w) float32, about 0..1, at half the picture's size, by direction.
        fine: (H, W) float32, length of the Lab gradient at full size, in hundreds of Lab units.
    """

    coarse: NDArray[np.float32]
    fine: NDArray[np.float32]

    def at_full_size(self) -> NDArray[np.float32]:
        """Return the strongest direction plus the fine gradient, (H, W) float32."""
        height, width = self.fine.shape
        strongest = cv2.resize(self.coarse.max(axis=0), (width, height))
        return np.asarray(strongest, np.float32).reshape(height, width) + self.fine


def contour_strength(colours: NDArray[np.float32]) -> ContourStrength:
    """Return the contour strength of a picture.

    The coarse part is the mean over brightness, a, b and textons, and over three radii, of the
    half-disc differences; each is smoothed along its own direction by fitting a parabola
    across it, which keeps the place of its crest. All channels weigh the same: nothing is
    learnt.

    Args:
        colours: (H, W, 3) float32 CIELAB, L 0..100.

    Source:
        P. Arbelaez, M. Maire, C. Fowlkes, J. Malik, "Contour Detection and Hierarchical Image
        Segmentation", PAMI 33(5), 2011, section 3.

    >>> contour_strength(np.zeros((6, 8, 3), np.float32)).coarse.shape
    (8, 3, 4)
    """
    height, width = colours.shape[:2]
    half = (max(1, round(width / 2)), max(1, round(height / 2)))
    return ContourStrength(
        _coarse(cv2.resize(colours, half, interpolation=cv2.INTER_AREA)), _fine(colours)
    )


def _coarse(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    channels = [
        (_binned(colours[..., 0], 0, 100, 16), 16, True),
        (_binned(colours[..., 1], -50, 50, 20), 20, True),
        (_binned(colours[..., 2], -50, 50, 20), 20, True),
        (textons(np.ascontiguousarray(colours[..., 0]), TEXTONS), TEXTONS, False),
    ]
    total = np.zeros((DIRECTIONS, *colours.shape[:2]), np.float32)
    for radius in steps(RADII):
        parts = [
            half_disc_gradient(bins, count, radius, ordered=ordered)
            for bins, count, ordered in channels
        ]
        total += _crests(sum(parts[1:], start=parts[0]), radius)
    mean = total / (len(channels) * len(RADII))
    return np.maximum(mean, 0).astype(np.float32)


def _binned(values: NDArray[np.float32], low: float, high: float, count: int) -> NDArray[np.uint8]:
    return np.clip((values - low) * (count / (high - low)), 0, count - 1).astype(np.uint8)


def _crests(gradient: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Smooth each direction (8, h, w) by a Savitzky-Golay fit in an ellipse that lies along it."""
    planes = [
        cv2.filter2D(
            plane, -1, _fit(radius, np.pi * k / DIRECTIONS), borderType=cv2.BORDER_REFLECT_101
        )
        for k, plane in enumerate(gradient)
    ]
    return np.stack(planes)


def _fit(radius: int, angle: float) -> NDArray[np.float32]:
    """Return the filter that gives the centre of a parabola fitted across the direction."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    inside = (along / radius) ** 2 + (across / max(1.5, radius / 3)) ** 2 <= 1
    powers = np.stack([across[inside] ** power for power in range(3)], axis=1)
    kernel = np.zeros(inside.shape, np.float32)
    kernel[inside] = np.linalg.pinv(powers)[0]
    return kernel


def _fine(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(colours, (0, 0), 1.0).reshape(colours.shape)
    squares = [
        cv2.Sobel(smooth[..., channel], -1, 1 - axis, axis, scale=1 / 8) ** 2
        for channel in range(colours.shape[-1])
        for axis in (0, 1)
    ]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)) / 100, np.float32)

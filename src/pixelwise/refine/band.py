"""Where a mask is in doubt: its soft values and the strip along its outline; and the way back."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground
from pixelwise.ops.guided import guided_by, local_lines
from pixelwise.ops.upsampled import Upsampled

__all__ = [
    "CELL",
    "FLAT",
    "INSIDE",
    "OUTSIDE",
    "Coarse",
    "around",
    "coarsened",
    "grown",
    "shrunk",
    "signed_distance",
    "usual_cell",
]

CELL = 2.75
"""Pixels of the working size that one pixel of the network covers, in the quality tiers."""

CERTAIN = 0.05
"""Soft values this close to 0 or 1 are sure already near to the outline."""

OUTSIDE, INSIDE = 1, 2
"""What is known in a trimap; 0 is in doubt."""

FLAT = 1e-4
"""Variance of a colour (0 to 1) below which nothing is an edge for the soft mask."""

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

    def trimap(self, distance: NDArray[np.float32], near: float, far: float) -> NDArray[np.int32]:
        """Return what lies outside, what inside, and 0 along the outline, (h, w) int32.

        Args:
            distance: To the outline, as of :func:`signed_distance`.
            near: Half of the strip where the network is sure, in pixels of the network.
            far: Half of the strip where it is in doubt.
        """
        near, far = near * self.cell, max(near, far) * self.cell
        inside = ((distance > near) & (self.soft > 1 - CERTAIN)) | (distance > far)
        outside = ((distance < -near) & (self.soft < CERTAIN)) | (distance < -far)
        return np.where(inside, INSIDE, np.where(outside, OUTSIDE, 0)).astype(np.int32)


def signed_distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the distance to the outline in pixels, positive inside, (H, W) float32.

    >>> signed_distance(np.array([[False, True, True]])).tolist()
    [[-1.0, 1.0, 2.0]]
    """
    levels = mask.view(np.uint8)
    inside = cv2.distanceTransform(levels, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - levels, cv2.DIST_L2, 5)
    return np.asarray(inside - outside, np.float32).reshape(mask.shape)


def usual_cell(size: tuple[int, ...]) -> float:
    """Return how many pixels a network of usual size sees as one, in a picture (height, width)."""
    return max(1.0, float(np.hypot(size[0], size[1])) / USUAL)


def coarsened(mask: NDArray[np.bool_], cell: float) -> Upsampled:
    """Return what a network that sees ``cell`` pixels as one would say of a mask (H, W)."""
    rows, columns = (max(1, round(side / cell)) for side in mask.shape)
    return Upsampled(_sized(mask.astype(np.float32), (rows, columns)), mask.shape)


def around(wanted: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Return the smallest part that holds all that is wanted, and a margin; all if there is none.

    >>> around(np.array([[False, True, False, False]]), 1)
    (slice(0, 2, None), slice(0, 3, None))
    """
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    if not rows.size:
        return slice(0, wanted.shape[0]), slice(0, wanted.shape[1])
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def shrunk(pixels: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) at the working size, each pixel the mean of those it covers."""
    if pixels.shape[:2] == tuple(size):
        return pixels
    made = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(made, np.uint8).reshape(*size, 3)


def grown(
    pixels: NDArray[np.uint8], alpha: NDArray[np.float32], found: Foreground, radius: int
) -> Foreground:
    """Return the foreground at the picture's size, its edge following the picture's own detail.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: (h, w) float32, of the working size.
        found: What the answer takes the place of.
        radius: Of the soft edge, in pixels of the working size.
    """
    size = found.size
    if alpha.shape != tuple(size):
        small, side = alpha, 2 * radius + 1
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        alpha = np.asarray(cv2.resize(small, size[::-1]), np.float32)
        guide = cv2.resize(grey, small.shape[::-1], interpolation=cv2.INTER_AREA)
        guide = guide.astype(np.float32).reshape(*small.shape, 1) / np.float32(255)
        soft = cv2.blur(small, (side, side))
        lines = local_lines(guide, small, max(1, radius // 2), FLAT)
        guided_by(grey, lines, alpha, (soft > 0.01) & (soft < 0.99))
    return Foreground(alpha > np.float32(0.5), alpha, legend=found.legend)


def _cell(foreground: Foreground) -> float:
    plane = foreground.plane
    if not isinstance(plane, Upsampled):
        return usual_cell(foreground.size)
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

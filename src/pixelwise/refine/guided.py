"""Soft edges that follow the picture, fast enough for every frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, setting
from pixelwise.ops.guided import guided_by, local_lines
from pixelwise.ops.resize import shrink_to_stretch
from pixelwise.refine.band import Coarse
from pixelwise.refine.refinement import EdgeRefinement

__all__ = ["GuidedAlpha"]

CELL = 1.35
"""Pixels of the working size that one pixel of the network covers."""

SURE = 0.004
"""Windows whose mean is this close to 0 or 1 are all clear or all full."""

CRISP = np.float32(2.5)
"""Soft values are spread by this about their middle: wide windows leave a haze over what is clear,
and a veil on what is full. The mask stays."""


@dataclass(frozen=True, kw_only=True)
class GuidedAlpha(EdgeRefinement):
    """Draws the soft mask to the edges of the picture by a guided filter: the live tier.

    The local lines between brightness and mask are found at the network's size, and serve the
    picture's size; only what lies along the outline is worked out.

    Source:
        K. He, J. Sun, "Fast Guided Filter", arXiv 1505.00996, 2015. Own code.
    """

    name = "guided"

    radius: float = setting(4.0, "Half of the window, in pixels of the network.", low=0.5, high=64)
    smoothness: float = setting(
        0.001, "Variance of brightness (0 to 1) below which nothing is an edge.", low=1e-8, high=1
    )

    def draw(self, pixels: NDArray[np.uint8], found: Foreground) -> Foreground:
        """Return the foreground with soft edges that follow the picture."""
        coarse = Coarse.of(found, CELL)
        grey = np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
        guide = _small(grey, coarse.soft.shape)
        radius = max(1, round(self.radius * coarse.cell))
        slope, offset = local_lines(guide, coarse.soft, radius, self.smoothness)
        half = np.float32(0.5) * (1 - CRISP)
        lines = (slope * CRISP, offset * CRISP + half)
        alpha = _decided(coarse.soft, grey.shape)
        guided_by(grey, lines, alpha, _doubtful(coarse.soft, radius))
        return Foreground(alpha > np.float32(0.5), alpha, legend=found.legend)


def _small(grey: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.float32]:
    small = shrink_to_stretch(grey[..., np.newaxis], (size[0], size[1]))
    return np.asarray(small, np.float32).reshape(*size, 1) / np.float32(255)


def _decided(soft: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Return 0 and 1 at the picture's size, for all that no window doubts."""
    sides = (soft > np.float32(0.5)).astype(np.uint8)
    return cv2.resize(sides, size[::-1], interpolation=cv2.INTER_NEAREST).astype(np.float32)


def _doubtful(soft: NDArray[np.float32], radius: int) -> NDArray[np.bool_]:
    """Return where a window of that radius is neither all clear nor all full."""
    side = 2 * radius + 1
    levels = cv2.blur(soft, (side, side), borderType=cv2.BORDER_REFLECT).reshape(soft.shape)
    return (levels > SURE) & (levels < 1 - SURE)

"""Fills what a mask encloses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.ops.morphology import drop_small, fill_holes
from pixelwise.refine.refinement import ShapeRefinement

__all__ = ["FillHoles"]


@dataclass(frozen=True, kw_only=True)
class FillHoles(ShapeRefinement):
    """Fills the holes of every mask, all or only the small ones.

    >>> from pixelwise.core import Foreground, Image
    >>> ring = np.pad(np.zeros((1, 1), bool), 1, constant_values=True)
    >>> FillHoles()(Image(np.zeros((3, 3), np.uint8)), Foreground(ring)).area
    9
    """

    name = "fill-holes"

    max_share: float = setting(
        1.0, "Holes larger than this share of the mask stay open, 0 to 1.", low=0, high=1
    )

    def change(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the mask without its holes."""
        holes = fill_holes(mask) & ~mask
        if self.max_share < 1:
            limit = int(self.max_share * np.count_nonzero(mask))
            holes &= ~drop_small(holes, limit + 1)
        return mask | holes

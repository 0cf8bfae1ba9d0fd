"""Drops what is too small to be meant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.ops.components import components
from pixelwise.refine.refinement import ShapeRefinement

__all__ = ["DropSpecks"]


@dataclass(frozen=True, kw_only=True)
class DropSpecks(ShapeRefinement):
    """Drops the pieces of every mask that are small beside its largest piece.

    >>> from pixelwise.core import Foreground, Image
    >>> mask = np.zeros((9, 9), bool)
    >>> mask[:5], mask[8, 8] = True, True
    >>> DropSpecks(min_share=0.1)(Image(np.zeros((9, 9), np.uint8)), Foreground(mask)).area
    45
    """

    name = "drop-specks"

    min_share: float = setting(
        0.01, "Pieces below this share of the largest piece go, 0 to 1.", low=0, high=1
    )

    def change(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the mask without its small pieces; the largest always stays."""
        labels, count = components(mask)
        areas = np.bincount(labels.reshape(-1), minlength=count + 1)
        areas[0] = 0
        kept = areas >= max(1.0, self.min_share * areas.max())
        return np.asarray(kept[labels])

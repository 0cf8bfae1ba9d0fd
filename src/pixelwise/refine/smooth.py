"""Smooths outlines."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Result, setting
from pixelwise.errors import InputError
from pixelwise.refine.refinement import ShapeRefinement

__all__ = ["Smooth"]


@dataclass(frozen=True, kw_only=True)
class Smooth(ShapeRefinement):
    """Rounds steps and spikes off every outline, which stays where it is on average.

    A soft mask is made anew along the smoother outline, as wide as the rounding.

    >>> from pixelwise.core import Foreground, Image
    >>> spike = np.zeros((9, 9), bool)
    >>> spike[4:], spike[2:4, 4] = True, True
    >>> Smooth(radius=2)(Image(np.zeros((9, 9), np.uint8)), Foreground(spike)).mask[2, 4]
    np.False_
    """

    name = "smooth"

    radius: float = setting(2.0, "Pixels over which the outline is rounded.", low=0.3, high=64)

    def refine(self, image: Image, result: Result) -> Result:
        """Return the result with smoother masks; volumes are refused.

        Raises:
            InputError: The result of a volume.
        """
        if len(result.size) != 2:
            raise InputError("smooth works on pictures, not on volumes", reason="volume")
        if isinstance(result, Foreground) and result.plane is not None:
            alpha = _blurred(result.mask, self.radius)
            return Foreground(alpha > np.float32(0.5), alpha, legend=result.legend)
        return super().refine(image, result)

    def change(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the mask with a smoother outline."""
        return _blurred(mask, self.radius) > np.float32(0.5)


def _blurred(mask: NDArray[np.bool_], radius: float) -> NDArray[np.float32]:
    border = cv2.BORDER_REPLICATE
    made = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), radius, borderType=border)
    return np.clip(made, 0, 1).reshape(mask.shape)

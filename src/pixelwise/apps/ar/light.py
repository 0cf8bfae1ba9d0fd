"""What binds a person and another scene together: light that wraps around, and shadows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core.method import check_ranges, setting
from pixelwise.ops.blocks import Coarse, shrunk

__all__ = ["Look", "darken", "shadow", "wrapped"]

SHRINK = 4
"""Light and shadows are soft: they are made at a quarter of the size."""
VAST = 16
"""What is behind is light only from afar: it is made at a sixteenth."""
REACH = 0.015
"""Deviation of the light that wraps around an edge, as a share of the frame's height."""
GLOW = 0.06
"""Deviation over which what is behind is mixed into light, as a share of the height."""
FALL = (0.025, 0.035)
"""A shadow falls so far to the right and down, as shares of the height."""
SOFT = 0.02
"""Deviation of a shadow's edge, as a share of the height."""

U8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How much of each; 0 is none."""

    wrap: float = setting(0.0, "light of what is behind on the person's edges", low=0, high=1)
    shadow: float = setting(0.0, "darkness of shadows", low=0, high=1)
    parallax: float = setting(
        0.0, "share of the width by which a background gives way to the person", low=0, high=0.25
    )

    def __post_init__(self) -> None:
        check_ranges(self)


def shadow(mask: U8, strength: float) -> U8:
    """Return how dark the shadow of a mask makes everything, (H, W) uint8.

    Args:
        mask: (H, W) uint8, what throws it.
        strength: Darkness where no light comes, 0 to 1.
    """
    height, width = mask.shape
    small = shrunk(mask[..., np.newaxis], SHRINK)[..., 0]
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), max(SOFT * height / SHRINK, 0.5)), np.uint8)
    move = np.array([[1, 0, FALL[0]], [0, 1, FALL[1]]]) * [[1, 1, height / SHRINK]]
    small = np.asarray(cv2.warpAffine(small, move, small.shape[::-1]), np.uint8)
    dark = cv2.convertScaleAbs(small, alpha=strength).reshape(*small.shape, 1)
    return Coarse(dark, SHRINK, (height, width)).grown()[..., 0]


def darken(pixels: U8, darkness: U8) -> None:
    """Take the light away from (H, W, 3) pixels, in place, where it is dark."""
    left = cv2.bitwise_not(darkness)
    pixels[...] = cv2.multiply(pixels, cv2.merge([left, left, left]), scale=1 / 255)


def wrapped(colours: U8, alpha: U8, behind: U8, amount: float, height: int) -> U8:
    """Return the person's colours with the light of what is behind on the edges, (H, W, 3).

    Args:
        colours: (H, W, 3) uint8.
        alpha: (H, W) uint8.
        behind: (H, W, 3) uint8.
        amount: 0 to 1.
        height: Of the frame, of which all this may be a part.
    """
    clear = 255 - shrunk(alpha[..., np.newaxis], SHRINK)[..., 0]
    clear = cv2.GaussianBlur(clear, (0, 0), max(REACH * height / SHRINK, 0.6))
    light = cv2.GaussianBlur(shrunk(behind, VAST), (0, 0), max(GLOW * height / VAST, 0.6))
    light = cv2.resize(light, clear.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = cv2.merge([clear, clear, clear])
    spilt = np.asarray(cv2.multiply(light, share, scale=amount / 255), np.uint8)
    spill = Coarse(spilt, SHRINK, (alpha.shape[0], alpha.shape[1])).grown()
    dark = cv2.multiply(cv2.bitwise_not(colours), cv2.bitwise_not(spill), scale=1 / 255)
    return np.asarray(cv2.bitwise_not(dark), np.uint8)

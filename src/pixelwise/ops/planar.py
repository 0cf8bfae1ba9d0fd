"""A picture as video keeps it: luma, and colours at half the size; RGB only where it is wanted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.blend import paste_before
from pixelwise.ops.blocks import Coarse, shrunk
from pixelwise.ops.blur import coarse_blur
from pixelwise.ops.colour import rgb8
from pixelwise.ops.deferred import Deferred
from pixelwise.ops.matte import Sides, block_side, guessed
from pixelwise.ops.resize import shrink_to_corners
from pixelwise.ops.yuv import BLACK, LUMA_RANGE, Planes, halve_colours, rgb_of

__all__ = ["Planar", "planes_of", "small_grey"]

STEPS = (1, 2, 2)
"""Pixels of the picture from one value of a plane to the next."""


def planes_of(pixels: NDArray[np.uint8], weights: tuple[float, float]) -> Planes:
    """Return the planes of an RGB picture, yuv420p in the narrow range.

    Args:
        pixels: (H, W, 3) uint8, both sides even; C-contiguous.
        weights: Shares of red and of blue in the luma.

    >>> [plane.tolist() for plane in planes_of(np.zeros((2, 2, 3), np.uint8), (0.2126, 0.0722))]
    [[[16, 16], [16, 16]], [[128]], [[128]]]
    """
    height, width = pixels.shape[:2]
    luma, u, v = (np.empty((height // step, width // step), np.uint8) for step in STEPS)
    halve_colours(pixels, *weights, (luma, u, v))
    return luma, u, v


@dataclass(frozen=True, slots=True, eq=False)
class Planar(Deferred):
    """An RGB picture (H, W, 3) as yuv420p in the narrow range: luma 16..235, colours 16..240.

    It becomes RGB with ``np.asarray``; what is not changed by the work on it stays as it was,
    bit by bit.

    Args:
        planes: Luma (H, W) and two colour planes (H / 2, W / 2), uint8, C-contiguous.
        weights: Shares of red and of blue in the luma.
        whole: Makes the RGB picture.
    """

    planes: Planes
    weights: tuple[float, float]
    whole: "Callable[[Planar], NDArray[np.uint8]]"

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, 3)."""
        return (*self.planes[0].shape, 3)

    def made(self) -> NDArray[np.uint8]:
        """Return RGB."""
        return self.whole(self)

    def to_corners(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return a small RGB picture (h, w, 3) uint8, as :func:`shrink_to_corners` makes it."""
        small = [shrink_to_corners(plane[..., np.newaxis], size) for plane in self.planes]
        return rgb_of(np.concatenate(small, axis=-1), *self.weights)

    def grey(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return a small grey picture (h, w) uint8, averaged over areas."""
        small = cv2.resize(self.planes[0], size[::-1], interpolation=cv2.INTER_AREA)
        levels = (small.astype(np.float32) - BLACK) * np.float32(255 / LUMA_RANGE)
        return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)

    def before_blur(self, alpha: NDArray[np.uint8], size: int) -> "Planar":
        """Return the picture before its own blur, as ``cv2.GaussianBlur`` makes it of RGB.

        Args:
            alpha: (H, W) uint8; where it is 255 the planes stay as they are.
            size: Side of the kernel in pixels.
        """
        made = []
        for plane, share, step in zip(self.planes, _shares(alpha), STEPS, strict=True):
            pixels = plane[..., np.newaxis]
            behind = coarse_blur(pixels, size, step)
            made.append(paste_before(behind, pixels, share)[..., 0])
        return replace(self, planes=(made[0], made[1], made[2]))

    def before(self, behind: Planes, alpha: NDArray[np.uint8]) -> "Planar":
        """Return the foreground before another picture, its soft edge in colours of its own.

        Args:
            behind: Planes of the size of these.
            alpha: (H, W) uint8; where it is 255 the planes stay as they are.
        """
        guess, sides = self._guessed(alpha)
        made = [plane[..., np.newaxis].copy() for plane in behind]
        for number, (plane, share) in enumerate(zip(self.planes, _shares(alpha), strict=True)):
            height, width = plane.shape
            front, back = (
                Coarse(blocks[..., number : number + 1], sides[number], (height, width))
                for blocks in guess
            )
            Sides(front, back).lay(made[number], plane[..., np.newaxis], share)
        return replace(self, planes=(made[0][..., 0], made[1][..., 0], made[2][..., 0]))

    def _guessed(
        self, alpha: NDArray[np.uint8]
    ) -> tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], list[int]]:
        """Return both sides' colours block by block, and the sides of the planes' blocks."""
        side = max(block_side(alpha.shape), *STEPS)
        sides = [side // step for step in STEPS]
        pairs = zip(self.planes, sides, strict=True)
        means = np.concatenate([shrunk(plane[..., np.newaxis], own) for plane, own in pairs], -1)
        return guessed(means, shrunk(alpha[..., np.newaxis], side), side), sides


def small_grey(picture: Planar | NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a small grey picture (h, w) uint8, averaged over areas, of planes or of pixels.

    >>> small_grey(np.full((4, 4, 3), 7, np.uint8), (1, 2)).tolist()
    [[7, 7]]
    """
    if isinstance(picture, Planar):
        return picture.grey(size)
    small = cv2.resize(rgb8(picture), size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _shares(alpha: NDArray[np.uint8]) -> Planes:
    """Return the soft mask for each plane."""
    height, width = alpha.shape
    half = cv2.resize(alpha, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    share = np.asarray(half, np.uint8)
    return np.ascontiguousarray(alpha), share, share

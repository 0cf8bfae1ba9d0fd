"""Pictures with alpha that are laid into frames, still or moving, at any size."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.ar.moving import Moving
from pixelwise.apps.ar.quads import UNIT, Quad
from pixelwise.core import Image
from pixelwise.io.files import read
from pixelwise.io.video import CONTAINERS
from pixelwise.ops.colour import rgb8
from pixelwise.ops.matte import foreground_colours

__all__ = ["Sprite", "Texture", "read_sprite"]

EDGE = 1
"""Clear pixels around a picture, so that its border is soft where it is turned."""
LEAST = 2.0
"""Pixels below which a picture is not drawn."""


class Texture:
    """One picture with alpha, ready to be drawn at any size.

    What is clear takes its colour from what is not, so that no dark fringe comes in between.

    Args:
        pixels: (h, w, 4) uint8.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.height, self.width = pixels.shape[:2]
        colours = pixels[..., :3]
        if pixels[..., 3].min() < 255:
            colours = foreground_colours(colours, pixels[..., 3])
        edge = (EDGE,) * 4
        around = cv2.copyMakeBorder(colours, *edge, cv2.BORDER_REPLICATE)
        alpha = cv2.copyMakeBorder(np.ascontiguousarray(pixels[..., 3]), *edge, cv2.BORDER_CONSTANT)
        self._levels = [np.dstack([around, alpha])]

    def drawn(
        self, corners: Quad, size: tuple[int, int]
    ) -> tuple[tuple[slice, slice], NDArray[np.uint8]] | None:
        """Return the window of a frame of ``size`` that it covers, and RGBA pixels for it.

        Args:
            corners: Where its corners go.
            size: (height, width) of the frame.

        Returns:
            None: nothing of it is to be seen.
        """
        if not np.isfinite(corners).all() or not cv2.isContourConvex(corners.reshape(-1, 1, 2)):
            return None
        if cv2.contourArea(corners) < LEAST**2:
            return None
        low = np.maximum(np.floor(corners.min(0)), 0).astype(int)
        high = np.minimum(np.ceil(corners.max(0)), size[::-1]).astype(int)
        if (high <= low).any():
            return None
        pixels = self._shrunk(corners)
        scale = np.array(pixels.shape[1::-1]) / (self.width + 2 * EDGE, self.height + 2 * EDGE)
        source = (UNIT * (self.width, self.height) + EDGE) * scale - 0.5
        matrix = cv2.getPerspectiveTransform(
            source.astype(np.float32), (corners - low - 0.5).astype(np.float32)
        )
        made = cv2.warpPerspective(pixels, matrix, (high - low).tolist())
        return (slice(low[1], high[1]), slice(low[0], high[0])), np.asarray(made, np.uint8)

    def _shrunk(self, corners: Quad) -> NDArray[np.uint8]:
        """Return it halved so often that it is at most twice as large as its place."""
        sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
        across = max(float(sides[1]), float(sides[3]), 1.0)
        down = max(float(sides[0]), float(sides[2]), 1.0)
        shrink = min(self.width / across, self.height / down)
        level = max(0, int(np.floor(np.log2(max(shrink, 1)))))
        while len(self._levels) <= level:
            last = self._levels[-1]
            half = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            shrunk = cv2.resize(last, half, interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(shrunk, np.uint8))
        return self._levels[level]


class Sprite:
    """A still or moving picture with alpha.

    Args:
        at: Returns the picture of a time in seconds.
    """

    def __init__(self, at: Callable[[float], Image]) -> None:
        self._at = at
        self._last: tuple[Image, Texture] | None = None

    @classmethod
    def still(cls, image: Image) -> "Sprite":
        """Return the sprite of one picture, (h, w, 3) or (h, w, 4)."""
        return cls(lambda _: image)

    def texture(self, time_s: float) -> Texture:
        """Return the picture of that time; times may only rise."""
        image = self._at(time_s)
        if self._last is None or image is not self._last[0]:
            self._last = (image, Texture(_rgba(image)))
        return self._last[1]


def read_sprite(path: Path) -> Sprite:
    """Return the sprite in a picture or video file.

    Raises:
        InputError: It cannot be read.
    """
    if path.suffix.lower() in CONTAINERS:
        moving = Moving(path)
        return Sprite(lambda time_s: moving.at(time_s).image)
    return Sprite.still(read(path))


def _rgba(image: Image) -> NDArray[np.uint8]:
    pixels = rgb8(image.pixels)
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    if image.channels in (2, 4):
        alpha = rgb8(image.pixels[..., -1:])[..., 0]
    return np.dstack([pixels, alpha])

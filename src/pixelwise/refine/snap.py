"""Masks whose outlines lie on the edges of the picture: the quality tier."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Result, setting
from pixelwise.ops.colour import rgb8
from pixelwise.ops.graphs.watershed import watershed
from pixelwise.ops.guided import guided, guided_by, local_lines
from pixelwise.refine.band import Coarse, signed_distance
from pixelwise.refine.refinement import Refinement

__all__ = ["Snap"]

CELL = 2.75
"""Pixels of the working size that one pixel of the network covers."""

GRAINS = (1.5, 2.0, 2.5)
"""Deviations of the blurs, in pixels of the working size, at which edges are looked for."""

CERTAIN = 0.05
"""Soft values this close to 0 or 1 are sure already near to the outline."""

CENTRED = 3.0
"""CIELAB units of gradient by which an edge in the middle of the strip goes before one at its
side."""

FLAT = 1e-4
"""Variance of a colour (0 to 1) below which nothing is an edge for the soft mask."""


@dataclass(frozen=True, kw_only=True)
class Snap(Refinement):
    """Moves the outline to the strongest edge near to it, and makes it soft there.

    The strip around the outline is flooded from both sides over the colour gradient, at three
    grains, which vote. Where the network itself is in doubt the strip is wider. The soft edge
    comes from a guided filter over the votes, and is brought to the picture's size by it.

    Source:
        F. Meyer, S. Beucher, "Morphological segmentation", 1990 (flooding from markers);
        K. He et al., "Guided Image Filtering", PAMI 2013 (the soft edge). Own arrangement.
    """

    name = "snap"

    near: float = setting(
        2.0,
        "Half of the strip where the network is sure, in pixels of the network.",
        low=0.2,
        high=50,
    )
    far: float = setting(
        6.0,
        "Half of the strip where it is in doubt, in pixels of the network.",
        low=0.2,
        high=100,
    )
    softness: float = setting(
        1.5, "Radius of the soft edge, in pixels of the network.", low=0.2, high=20
    )

    def refine(self, image: Image, result: Result) -> Foreground:
        """Return the foreground with its outline on the picture's edges."""
        found = self.foreground(result)
        pixels = rgb8(image.pixels)
        coarse = Coarse.of(found, CELL)
        distance = signed_distance(coarse.mask)
        window = _window(np.abs(distance) <= self.far * coarse.cell)
        small = _small(pixels, coarse.soft.shape)[window]
        votes = coarse.mask.astype(np.float32)
        votes[window] = self._votes(small, distance[window], coarse.soft[window], coarse.cell)
        radius = max(1, round(self.softness * coarse.cell))
        guide = small.astype(np.float32) / np.float32(255)
        votes[window] = np.clip(guided(guide, votes[window], radius, FLAT), 0, 1)
        return _grown(pixels, votes, found, radius)

    def _votes(
        self,
        pixels: NDArray[np.uint8],
        distance: NDArray[np.float32],
        soft: NDArray[np.float32],
        cell: float,
    ) -> NDArray[np.float32]:
        """Return the share of grains by which each pixel is foreground, (h, w) float32."""
        near, far = self.near * cell, max(self.far, self.near) * cell
        inside = ((distance > near) & (soft > 1 - CERTAIN)) | (distance > far)
        outside = ((distance < -near) & (soft < CERTAIN)) | (distance < -far)
        markers = np.where(inside, 2, np.where(outside, 1, 0)).astype(np.int32)
        wanted = cv2.dilate((markers == 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
        colours = cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
        middle = np.float32(CENTRED) * np.maximum(0, 1 - np.abs(distance) / np.float32(far))
        votes = np.zeros(soft.shape, np.float32)
        for grain in GRAINS:
            labels = watershed(_gradient(colours, grain) + middle, markers, mask=wanted)
            votes += np.where(wanted & (labels > 0), labels == 2, distance > 0)
        return votes / np.float32(len(GRAINS))


def _window(wanted: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the smallest part that holds all that is wanted, and a little more."""
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    if not rows.size:
        return slice(0, wanted.shape[0]), slice(0, wanted.shape[1])
    margin = 2 * int(max(GRAINS)) + 1
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def _gradient(colours: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """Return the length of the colour gradient in CIELAB units a pixel, (h, w) float32."""
    smooth = cv2.GaussianBlur(colours, (0, 0), deviation)
    across = cv2.Sobel(smooth, -1, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, -1, 0, 1, scale=1 / 8)
    squares = cv2.multiply(across, across) + cv2.multiply(down, down)
    return np.asarray(np.sqrt(squares.reshape(colours.shape).sum(axis=-1)), np.float32)


def _small(pixels: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    if pixels.shape[:2] == tuple(size):
        return pixels
    made = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(made, np.uint8).reshape(*size, 3)


def _grown(
    pixels: NDArray[np.uint8], votes: NDArray[np.float32], found: Foreground, radius: int
) -> Foreground:
    """Return the foreground at the picture's size, its edge following the picture's own detail."""
    size = found.size
    if votes.shape == tuple(size):
        alpha = votes
    else:
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        alpha = np.asarray(cv2.resize(votes, size[::-1]), np.float32)
        small = cv2.resize(grey, votes.shape[::-1], interpolation=cv2.INTER_AREA)
        guide = small.astype(np.float32).reshape(*votes.shape, 1) / np.float32(255)
        side = 2 * radius + 1
        soft = cv2.blur(votes, (side, side))
        lines = local_lines(guide, votes, max(1, radius // 2), FLAT)
        guided_by(grey, lines, alpha, (soft > 0.01) & (soft < 0.99))
    return Foreground(alpha > np.float32(0.5), alpha, legend=found.legend)

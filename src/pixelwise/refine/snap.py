"""Masks whose outlines lie on the edges of the picture: the quality tier."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, setting
from pixelwise.ops.graphs.watershed import watershed
from pixelwise.ops.guided import guided
from pixelwise.refine.band import (
    CELL,
    FLAT,
    INSIDE,
    Coarse,
    around,
    grown,
    shrunk,
    signed_distance,
)
from pixelwise.refine.refinement import EdgeRefinement

__all__ = ["Snap"]

GRAINS = (1.5, 2.0, 2.5)
"""Deviations of the blurs, in pixels of the working size, at which edges are looked for."""

CENTRED = 3.0
"""CIELAB units of gradient by which an edge in the middle of the strip goes before one at its
side."""


@dataclass(frozen=True, kw_only=True)
class Snap(EdgeRefinement):
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

    def draw(self, pixels: NDArray[np.uint8], found: Foreground) -> Foreground:
        """Return the foreground with its outline on the picture's edges."""
        coarse = Coarse.of(found, CELL)
        distance = signed_distance(coarse.mask)
        trimap = coarse.trimap(distance, self.near, self.far)
        far = max(self.near, self.far) * coarse.cell
        window = around(np.abs(distance) <= far, 2 * int(max(GRAINS)) + 1)
        small = shrunk(pixels, coarse.soft.shape)[window]
        votes = coarse.mask.astype(np.float32)
        votes[window] = _votes(small, distance[window], trimap[window].copy(), far)
        radius = max(1, round(self.softness * coarse.cell))
        guide = small.astype(np.float32) / np.float32(255)
        votes[window] = np.clip(guided(guide, votes[window], radius, FLAT), 0, 1)
        return grown(pixels, votes, found, radius)


def _votes(
    pixels: NDArray[np.uint8],
    distance: NDArray[np.float32],
    trimap: NDArray[np.int32],
    far: float,
) -> NDArray[np.float32]:
    """Return the share of grains by which each pixel is foreground, (h, w) float32."""
    wanted = cv2.dilate((trimap == 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    colours = cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    middle = np.float32(CENTRED) * np.maximum(0, 1 - np.abs(distance) / np.float32(far))
    votes = np.zeros(distance.shape, np.float32)
    for grain in GRAINS:
        labels = watershed(_gradient(colours, grain) + middle, trimap, mask=wanted)
        votes += np.where(wanted & (labels > 0), labels == INSIDE, distance > 0)
    return votes / np.float32(len(GRAINS))


def _gradient(colours: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """Return the length of the colour gradient in CIELAB units a pixel, (h, w) float32."""
    smooth = cv2.GaussianBlur(colours, (0, 0), deviation)
    across = cv2.Sobel(smooth, -1, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, -1, 0, 1, scale=1 / 8)
    squares = cv2.multiply(across, across) + cv2.multiply(down, down)
    return np.asarray(np.sqrt(squares.reshape(colours.shape).sum(axis=-1)), np.float32)

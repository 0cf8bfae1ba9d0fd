"""Watershed: a relief is flooded from markers, and waters part where they meet."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Method, Prompts, Regions, Task, setting
from pixelwise.methods.regions.blobs import blob_mask, foreground, usual_radius
from pixelwise.methods.regions.colours import colours, smoothed
from pixelwise.methods.regions.seeds import seed_map
from pixelwise.ops.distance import distance_inside
from pixelwise.ops.graphs.alike import boundary_strength
from pixelwise.ops.graphs.markers import peaks
from pixelwise.ops.graphs.watershed import watershed

__all__ = ["Relief", "Watershed"]

RADIUS_APART = 0.6
"""Least distance of two markers in usual radii; chosen on nuclei."""

RADIUS_SMOOTHED = 0.25
"""Smoothing of the distance in usual radii; chosen on nuclei."""


class Relief(StrEnum):
    """What is flooded."""

    GRADIENT = "gradient"
    """The strength of colour edges; the whole picture is divided."""
    DISTANCE = "distance"
    """How deep a pixel lies in Otsu's foreground; the rest is void."""
    BLOBS = "blobs"
    """The same, with sizes taken from the picture itself: nuclei, grains, coins."""


@dataclass(frozen=True, kw_only=True)
class Watershed(Method[Regions]):
    """Regions are the basins of a relief, one for each marker.

    Water rises from all markers at once, level by level; a pixel belongs to the water that
    reaches it first. Markers are prompts, or the minima of the relief, at least ``min_distance``
    pixels apart. Good to part things that touch (``relief="distance"``, ``"blobs"``) and for
    superpixels that follow edges (``"gradient"``); prefer ``rag-merge`` when basins are too many.

    Foreground of ``distance`` and ``blobs`` is the side of Otsu's level that touches the border
    less. ``blobs`` measures the usual size of a thing first, sets smoothing and distance between
    markers by it and leaves out specks; ``min_distance`` is then the least distance.

    Source:
        S. Beucher, C. Lantuejoul, "Use of Watersheds in Contour Detection", 1979; F. Meyer,
        "Topographic distance and watershed lines", Signal Processing 38(1), 1994.

    >>> two = np.zeros((7, 13), np.uint8)
    >>> two[1:6, 1:6] = two[1:6, 7:12] = two[3, 6] = 255
    >>> Watershed(relief=Relief.DISTANCE, min_distance=2)(Image(two)).count
    2
    """

    name = "watershed"
    task = Task.REGIONS
    takes_volumes = True

    min_distance: int = setting(5, "Least distance between two markers, in pixels.", low=1)
    relief: Relief = setting(Relief.GRADIENT, "What is flooded.")
    smoothing: float = setting(1.0, "Sigma of the smoothing before, in pixels.", low=0, high=50)
    diagonal: bool = setting(default=False, doc="Whether water flows over corners.")
    prompts: Prompts | None = setting(
        None, "Markers: points, boxes, scribbles or masks; label 0 marks the background."
    )

    def segment(self, image: Image) -> Regions:
        """Return one region a marker; the region of background markers is void."""
        relief, mask, reach = self._relief(image)
        if self.prompts is None or self.prompts.is_empty:
            markers = peaks(-relief, reach, mask)
            return Regions(watershed(relief, markers, mask=mask, diagonal=self.diagonal))
        markers = seed_map(image.size, "", self.prompts)
        background = int(markers.max()) + 1
        markers = np.where(markers == 0, background, np.maximum(markers, 0)).astype(np.int32)
        labels = watershed(relief, markers, mask=mask, diagonal=self.diagonal)
        return Regions(np.where(labels == background, 0, labels).astype(np.int32))

    def _relief(self, image: Image) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None, int]:
        """Return the relief, where water may go, and the distance between markers."""
        match Relief(self.relief):
            case Relief.GRADIENT:
                values = colours(image.pixels, self.smoothing)
                return np.round(boundary_strength(values), 3), None, self.min_distance
            case Relief.DISTANCE:
                mask = foreground(image.pixels, self.smoothing)
                return _depth(mask, self.smoothing), mask, self.min_distance
            case Relief.BLOBS:
                mask = blob_mask(image.pixels, self.smoothing)
                radius = usual_radius(mask)
                reach = max(self.min_distance, round(RADIUS_APART * radius))
                return _depth(mask, max(0.7, RADIUS_SMOOTHED * radius)), mask, reach


def _depth(mask: NDArray[np.bool_], smoothing: float) -> NDArray[np.float32]:
    """Return minus the smoothed distance to the outside of the mask."""
    depth = distance_inside(mask)
    depth[~np.isfinite(depth)] = 0
    return -smoothed(depth[..., np.newaxis], smoothing)[..., 0]

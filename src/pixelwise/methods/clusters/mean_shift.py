"""Mean shift: each pixel climbs to a mode of the joint density of place and colour."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.ops.colour import lab
from pixelwise.ops.meanshift import mean_shift
from pixelwise.ops.parts import connected_parts, join_alike

__all__ = ["MeanShift", "mode_regions"]


@dataclass(frozen=True, kw_only=True)
class MeanShift(Method[Regions]):
    """Regions are the pixels that climb to one mode, each connected, none too small.

    From each pixel one goes to the mean of the pixels that are near in place and colour, and
    again from there, until the place stands still: a mode of the density, not only a smoother
    picture. Near is a ball: (place / spatial_radius)^2 + (colour / colour_radius)^2 <= 1. Parts
    below ``min_size`` join the likest neighbour; neighbours whose modes' colours lie within
    ``tolerance`` are joined.

    Needs no number of clusters and keeps fine edges; the two radii decide everything. Prefer
    ``k-means`` where speed counts, ``contour-hierarchy`` where texture tells regions apart.

    Source:
        D. Comaniciu, P. Meer, "Mean Shift: A Robust Approach Toward Feature Space Analysis",
        PAMI 24(5), 2002.

    >>> halves = np.zeros((20, 30, 3), np.uint8)
    >>> halves[:, 15:] = (200, 30, 30)
    >>> MeanShift()(Image(halves)).count
    2
    """

    name = "mean-shift"
    task = Task.REGIONS

    spatial_radius: float = setting(20.0, "Reach in the picture, in pixels.", low=1, high=200)
    colour_radius: float = setting(12.0, "Reach in colour, CIELAB units.", low=1, high=200)
    min_size: int = setting(150, "Pixels below which a part is joined.", low=0)
    tolerance: float = setting(
        15.0, "CIELAB distance of their modes up to which neighbours are joined.", low=0
    )

    def segment(self, image: Image) -> Regions:
        """Return the regions of the modes."""
        return Regions(mode_regions(lab(image.pixels), self))


def mode_regions(colours: NDArray[np.float32], method: MeanShift) -> NDArray[np.int32]:
    """Return the regions of the modes of a picture (H, W, 3) float32 CIELAB."""
    planes = np.ascontiguousarray(np.moveaxis(colours, -1, 0))
    modes = mean_shift(planes, method.spatial_radius, method.colour_radius)
    seen = modes.points[:, 2:].astype(np.float32)[modes.labels - 1]
    parts = connected_parts(modes.labels, seen, method.min_size)
    return join_alike(parts, seen, method.tolerance)

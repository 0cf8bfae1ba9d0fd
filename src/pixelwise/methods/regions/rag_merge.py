"""Merging of superpixels on their region adjacency graph."""

from dataclasses import dataclass

import numpy as np

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.methods.regions.colours import colours
from pixelwise.ops.graphs.alike import boundary_strength, merge_alike
from pixelwise.ops.graphs.markers import minima
from pixelwise.ops.graphs.watershed import watershed

__all__ = ["RagMerge"]


@dataclass(frozen=True, kw_only=True)
class RagMerge(Method[Regions]):
    """Regions are superpixels that merge with the neighbours they are like.

    The superpixels are the watershed basins of the colour gradient, one for each local minimum,
    so that no strong contour is crossed. On their adjacency graph the likest pair merges, is
    measured anew, and so on, until every two neighbours differ by more than ``tolerance``: by
    their distance in CIELAB, weighted by size and by the strength of the boundary between them.
    Good where contours must follow edges; prefer ``felzenszwalb`` for speed.

    In volumes and pictures of one channel distances are those of grey levels brought to 0..100.

    Source:
        A. Tremeau, P. Colantoni, "Regions adjacency graph applied to color image segmentation",
        IEEE TIP 9(4), 2000; L. Vincent, P. Soille, "Watersheds in Digital Spaces", PAMI 13(6),
        1991.

    >>> picture = np.zeros((8, 8), np.uint8)
    >>> picture[:, 4:] = 200
    >>> RagMerge(min_size=1)(Image(picture)).count
    2
    """

    name = "rag-merge"
    task = Task.REGIONS
    takes_volumes = True

    tolerance: float = setting(
        20.0, "Difference up to which neighbours merge, in CIELAB units; larger is coarser.", low=0
    )
    min_size: int = setting(200, "Regions below this many pixels join a neighbour.", low=0)
    smoothing: float = setting(1.0, "Sigma of the smoothing before, in pixels.", low=0, high=50)

    def segment(self, image: Image) -> Regions:
        """Return the merged basins."""
        values = colours(image.pixels, self.smoothing)
        relief = np.minimum(boundary_strength(values) * 8, 255).astype(np.uint8)
        basins = watershed(relief, minima(relief))
        return Regions(merge_alike(basins, values, self.tolerance, self.min_size))

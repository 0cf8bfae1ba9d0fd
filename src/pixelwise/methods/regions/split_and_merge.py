"""Split and merge: quadrants until each is even, then neighbours that are alike."""

from dataclasses import dataclass

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.methods.regions.colours import colours
from pixelwise.ops.graphs.alike import merge_alike
from pixelwise.ops.graphs.quadtree import quadtree

__all__ = ["SplitAndMerge"]


@dataclass(frozen=True, kw_only=True)
class SplitAndMerge(Method[Regions]):
    """Regions are even blocks, merged with the neighbours that are like them.

    The picture is split into quadrants (a volume into octants) until the standard deviation of
    each block is at most ``evenness``; the leaves then merge, the likest pair first, where two
    regions differ by their distance in CIELAB, weighted by their size and by the strength of
    the boundary between them. Good for a quick coarse partition with few settings; prefer
    ``contour-hierarchy`` for the best contours.

    In volumes and pictures of one channel distances are those of grey levels brought to 0..100,
    the range of CIELAB's L.

    Source:
        S. Horowitz, T. Pavlidis, "Picture Segmentation by a Tree Traversal Algorithm", JACM
        23(2), 1976.

    >>> picture = np.zeros((8, 8), np.uint8)
    >>> picture[:, 4:] = 200
    >>> SplitAndMerge(min_size=9)(Image(picture)).count
    2
    """

    name = "split-and-merge"
    task = Task.REGIONS
    takes_volumes = True

    tolerance: float = setting(
        20.0, "Difference up to which neighbours merge, in CIELAB units; larger is coarser.", low=0
    )
    min_size: int = setting(200, "Regions below this many pixels join a neighbour.", low=0)
    evenness: float = setting(
        3.0, "Standard deviation up to which a block is not split, in CIELAB units.", low=0
    )
    smoothing: float = setting(1.0, "Sigma of the smoothing before, in pixels.", low=0, high=50)

    def segment(self, image: Image) -> Regions:
        """Return the merged leaves."""
        values = colours(image.pixels, self.smoothing)
        leaves = quadtree(values, self.evenness)
        return Regions(merge_alike(leaves, values, self.tolerance, self.min_size))

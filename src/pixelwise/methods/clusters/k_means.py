"""k-means: colours gathered around a few means."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.ops.kmeans import choose_count, kmeans, summarise
from pixelwise.ops.parts import connected_parts, join_alike
from pixelwise.ops.pixel_features import pixel_features, smooth_colours

__all__ = ["KMeans", "clustered"]


@dataclass(frozen=True, kw_only=True)
class KMeans(Method[Regions]):
    """Regions are the connected parts of ``clusters`` groups of like pixels.

    The groups minimise the summed squared distance of the pixels to the mean of their group, in
    CIELAB and, when asked for, place and texture. Parts smaller than ``min_size`` join the
    neighbour of the likest colour, then neighbours within ``tolerance`` of each other are joined.

    Simple, fast, and good for posters, stains and materials with flat colours. It knows nothing
    of shape: prefer ``contour-hierarchy`` for photographs, ``mean-shift`` where the number of
    colours is not known, ``gaussian-mixture`` where clusters are long or of unlike size.

    In volumes it is the grey level that is clustered, brought to the range of CIELAB's L.

    ``clusters=0`` takes the number from 2 to 10 with the greatest simplified silhouette: the
    mean of (b - a) / b, a and b the distances to the nearest and second nearest mean.

    Source:
        S. Lloyd, "Least Squares Quantization in PCM", IEEE Trans. Information Theory 28, 1982.

    >>> halves = np.zeros((20, 30, 3), np.uint8)
    >>> halves[:, 15:] = (200, 30, 30)
    >>> KMeans(clusters=2)(Image(halves)).count
    2
    """

    name = "k-means"
    task = Task.REGIONS
    takes_volumes = True

    clusters: int = setting(8, "Number of clusters; 0 chooses it.", low=0, high=255)
    connected: bool = setting(True, "Whether each connected part is a region of its own.")
    min_size: int = setting(150, "Pixels below which a connected part is joined.", low=0)
    tolerance: float = setting(
        15.0, "CIELAB distance up to which touching parts are joined.", low=0
    )
    smoothing: float = setting(2.0, "Gaussian blur before, in pixels.", low=0, high=50)
    position: float = setting(0.0, "CIELAB units that the longer side is worth.", low=0)
    texture: float = setting(0.0, "Weight of the local spread of brightness.", low=0)
    seed: int = setting(0, "Chooses the starts.", low=0)

    def segment(self, image: Image) -> Regions:
        """Return the clusters, or their connected parts."""
        colours = smooth_colours(image.pixels, self.smoothing)
        features = pixel_features(colours, position=self.position, texture=self.texture)
        labels = clustered(features, self.clusters, self.seed)
        if not self.connected:
            return Regions(labels)
        parts = connected_parts(labels, colours, self.min_size)
        return Regions(join_alike(parts, colours, self.tolerance))


def clustered(features: NDArray[np.float32], clusters: int, seed: int = 0) -> NDArray[np.int32]:
    """Return the cluster of each pixel, int32, 1.. in the order of the first feature.

    Args:
        features: (H, W, F) or (D, H, W, F) float32.
        clusters: Their number; 0 chooses it.
        seed: Chooses the starts.
    """
    points = features.reshape(-1, features.shape[-1])
    summary = summarise(points)
    count = clusters or choose_count(summary, seed=seed)
    return kmeans(points, count, seed=seed, summary=summary).labels.reshape(features.shape[:-1]) + 1

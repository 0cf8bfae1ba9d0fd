"""Gaussian mixture: colours as a sum of bells, each pixel to the likeliest."""

from dataclasses import dataclass

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.ops.kmeans import summarise
from pixelwise.ops.mixture import choose_components, fit_mixture, most_likely
from pixelwise.ops.parts import connected_parts, join_alike
from pixelwise.ops.pixel_features import pixel_features, smooth_colours

__all__ = ["GaussianMixture"]


@dataclass(frozen=True, kw_only=True)
class GaussianMixture(Method[Regions]):
    """Regions are the connected parts of the pixels that one Gaussian explains best.

    The colours are taken for a sum of Gaussians with shares, means and full covariances of their
    own, fitted by expectation-maximisation; each pixel goes to the one with the greatest share
    times density. Unlike ``k-means`` it allows long and unequal clusters (a sky with a gradient
    is one), at some more time; prefer k-means where clusters are round and speed counts.

    In volumes it is the grey level that is clustered, brought to the range of CIELAB's L.

    ``components=0`` takes the number from 1 to 10 with the least Bayes information criterion,
    ``p log n - 2 log L``, where n counts one pixel in 64, for neighbours are not independent.

    Source:
        A. Dempster, N. Laird, D. Rubin, "Maximum Likelihood from Incomplete Data via the EM
        Algorithm", J. Royal Statistical Society B 39, 1977.

    >>> halves = np.zeros((20, 30, 3), np.uint8)
    >>> halves[:, 15:] = (200, 30, 30)
    >>> GaussianMixture(components=2)(Image(halves)).count
    2
    """

    name = "gaussian-mixture"
    task = Task.REGIONS
    takes_volumes = True

    components: int = setting(6, "Number of Gaussians; 0 chooses it.", low=0, high=255)
    connected: bool = setting(True, "Whether each connected part is a region of its own.")
    min_size: int = setting(150, "Pixels below which a connected part is joined.", low=0)
    tolerance: float = setting(
        15.0, "CIELAB distance up to which touching parts are joined.", low=0
    )
    smoothing: float = setting(2.0, "Gaussian blur before, in pixels.", low=0, high=50)
    position: float = setting(0.0, "CIELAB units that the longer side is worth.", low=0)
    seed: int = setting(0, "Chooses the start.", low=0)

    def segment(self, image: Image) -> Regions:
        """Return the pixels of each Gaussian, or their connected parts."""
        colours = smooth_colours(image.pixels, self.smoothing)
        features = pixel_features(colours, position=self.position)
        points = features.reshape(-1, features.shape[-1])
        summary = summarise(points)
        count = self.components or choose_components(summary, seed=self.seed)
        mixture, _ = fit_mixture(summary, count, seed=self.seed)
        labels = most_likely(points, mixture).reshape(image.size) + 1
        if not self.connected:
            return Regions(labels)
        parts = connected_parts(labels, colours, self.min_size)
        return Regions(join_alike(parts, colours, self.tolerance))

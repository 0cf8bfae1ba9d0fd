"""Classes whose borders are found in a sample of the raster, and then hold for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.mapping import Labeller, Layer, Part
from pixelwise.apps.satellite.rules import Rules, bands_of, levels_of
from pixelwise.apps.satellite.sampling import features_of, sample
from pixelwise.core import Legend, LegendClass, build, check_ranges, setting
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError, UnknownName
from pixelwise.methods import METHODS
from pixelwise.methods.threshold.multi_otsu import MultiOtsu, multi_otsu_levels
from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.kmeans import choose_count, kmeans, summarise
from pixelwise.ops.mixture import Mixture, choose_components, fit_mixture, most_likely

__all__ = ["FITTED", "LEVELS", "Clusters", "default_index", "fit_clusters", "fit_levels"]

Values = NDArray[np.float32]
LEVELS = ("otsu", "multi-otsu", "li", "yen", "triangle", "isodata", "threshold")
FITTED = (*LEVELS, "k-means", "gaussian-mixture")
"""Methods that may be fitted on a sample."""
STEP = 1 << 16
SPREAD = 1e-3
"""Least standard deviation, so that noise of a constant band does not count."""


@dataclass(frozen=True, kw_only=True)
class _Clustering:
    """Settings of k-means and mixtures over bands."""

    clusters: int = setting(6, "Number of classes; 0 chooses it.", low=0, high=64)
    indices: str = setting("", "Indices beside the bands, with commas: ndvi,ndwi.")
    seed: int = setting(0, "Chooses the starts.", low=0)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, eq=False)
class Clusters(Labeller):
    """Land cover by the nearest centre, or the likeliest Gaussian, of scaled bands and indices.

    Args:
        name: ``k-means`` or ``gaussian-mixture``.
        bands: What it looks at.
        features: Bands and indices, each scaled by ``mean`` and ``spread``.
        mean: (F,) of the sample.
        spread: (F,) standard deviations of the sample.
        centres: (K, F) of the scaled features, by rising first feature.
        mixture: The Gaussians; None: k-means.
    """

    name: str
    bands: tuple[str, ...]
    features: tuple[str, ...]
    mean: Values
    spread: Values
    centres: NDArray[np.float64]
    mixture: Mixture | None = None

    @property
    def legend(self) -> Legend:
        """Numbered classes; the colour tells what a class looks like where there are colours."""
        rows = [
            LegendClass(n, f"class {n + 1}", colour)
            for n, colour in enumerate(_colours(self, len(self.centres)))
        ]
        return Legend(tuple(rows))

    @property
    def facts(self) -> object:
        """All that the labels depend on."""
        parts = [self.mean, self.spread, self.centres, *(self.mixture or ())]
        return [self.name, self.features, [np.asarray(part).tolist() for part in parts]]

    def __call__(self, part: Part) -> NDArray[np.uint8]:
        """Return the class of each pixel."""
        points = features_of(part.values, self.bands, self.features)
        scaled = ((points - self.mean) / self.spread).reshape(-1, len(self.features))
        if self.mixture is not None:
            labels = most_likely(scaled, self.mixture)
        else:
            labels = _nearest(scaled, self.centres.astype(np.float32))
        return labels.reshape(points.shape[:2]).astype(np.uint8)


def fit_clusters(layers: tuple[Layer, ...], name: str, settings: Mapping[str, object]) -> Clusters:
    """Return the classes of a sample; several layers are classified by the same ones.

    Args:
        layers: Rasters with the same bands.
        name: ``k-means`` or ``gaussian-mixture``.
        settings: ``clusters``, ``indices``, ``seed``.
    """
    asked = build(_Clustering, settings)
    bands = layers[0].bands.names
    indices = tuple(part.strip() for part in asked.indices.split(",") if part.strip())
    features = (*bands, *indices)
    points = np.concatenate([features_of(sample(one, bands), bands, features) for one in layers])
    mean, spread = points.mean(axis=0), np.maximum(points.std(axis=0), SPREAD)
    scaled = ((points - mean) / spread).astype(np.float32)
    summary = summarise(scaled)
    if name == "gaussian-mixture":
        count = asked.clusters or choose_components(summary, seed=asked.seed)
        mixture = _sorted(fit_mixture(summary, count, floor=SPREAD, seed=asked.seed)[0])
        return Clusters(name, bands, features, mean, spread, mixture.means, mixture)
    count = asked.clusters or choose_count(summary, seed=asked.seed)
    centres = kmeans(scaled, count, seed=asked.seed, summary=summary).centres
    return Clusters(name, bands, features, mean, spread, centres)


def fit_levels(
    layers: tuple[Layer, ...], name: str, index: str, settings: Mapping[str, object]
) -> Rules:
    """Return classes of an index with the levels that a threshold method finds in a sample.

    Raises:
        UnknownName: The method has no level for the whole raster.
        InputError: The index is the same everywhere.
    """
    if name not in LEVELS:
        raise UnknownName.among("method with one level", name, LEVELS)
    bands = bands_of(index)
    points = np.concatenate([features_of(sample(one, bands), bands, (index,)) for one in layers])
    method = build(METHODS[name], settings)
    if isinstance(method, MultiOtsu):
        found = tuple(multi_otsu_levels(points, method.classes))
    else:
        assert isinstance(method, OneLevel)  # noqa: S101 - LEVELS names no other
        found = (method.level_of(points),)
    if not found:
        raise InputError(f"{name} finds no level: {index} is the same everywhere in the sample")
    return replace(levels_of(index, found), name=f"{name} of {index}")


def default_index(bands: Bands) -> str:
    """Return what is split by a level when nobody says what: the first index at hand."""
    for name, needs in (("ndvi", ("nir", "red")), ("exg", ("red", "green", "blue"))):
        if bands.has(needs):
            return name
    return "b1"


def _nearest(points: Values, centres: Values) -> NDArray[np.int32]:
    """Return the nearest centre of each point, a few points at a time."""
    labels = np.empty(len(points), np.int32)
    length = (centres**2).sum(axis=1)
    for start in range(0, len(points), STEP):
        some = points[start : start + STEP]
        labels[start : start + STEP] = (length - 2 * (some @ centres.T)).argmin(axis=1)
    return labels


def _sorted(mixture: Mixture) -> Mixture:
    order = np.lexsort(mixture.means.T[::-1])
    return Mixture(*(part[order] for part in mixture))


def _colours(made: Clusters, count: int) -> list[tuple[int, int, int]]:
    """Return what classes look like: their red, green and blue stretched, else spread colours."""
    if not {"red", "green", "blue"} <= set(made.features):
        return [spread_colour(n + 1) for n in range(count)]
    place = [made.features.index(name) for name in ("red", "green", "blue")]
    looks = made.centres[:, place] * made.spread[place] + made.mean[place]
    low, high = looks.min(), max(looks.max(), looks.min() + 1e-6)
    levels = np.rint(40 + 200 * (looks - low) / (high - low)).astype(int)
    return [(int(r), int(g), int(b)) for r, g, b in levels]

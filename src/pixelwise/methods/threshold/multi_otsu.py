"""Multi-Otsu: several grey levels that best split a histogram into classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Method, Provenance, Regions, Task, setting
from pixelwise.ops.channels import Channel, plane
from pixelwise.ops.histogram import Histogram, histogram

__all__ = ["MultiOtsu", "classes_of", "multi_otsu_levels"]

MOST_BINS = 1024
"""Levels beyond this are joined: the search looks at every pair of them."""


@dataclass(frozen=True, kw_only=True)
class MultiOtsu(Method[Regions]):
    """Regions are the grey classes between the levels that split the histogram best.

    Otsu's rule for any number of classes: the levels with the greatest variance between the
    classes, sum of share x (mean - whole mean) squared. Found exactly, by dynamic programming
    over the levels, in time that grows with the number of classes and not with its power. Good
    for pictures of a few flat materials; prefer ``k-means`` when colour tells them apart.

    Works on 8-bit, 16-bit and float, pictures and volumes. The darkest class is region 1; NaN
    is void. With fewer grey levels than classes there are as many classes as levels.

    Source:
        P. Liao, T. Chen, P. Chung, "A Fast Algorithm for Multilevel Thresholding", J. Information
        Science and Engineering 17(5), 2001.

    >>> MultiOtsu(classes=3)(Image(np.array([[1, 2, 90, 91, 250]], np.uint8))).labels.tolist()
    [[1, 1, 2, 2, 3]]
    """

    name = "multi-otsu"
    task = Task.REGIONS
    takes_volumes = True

    classes: int = setting(3, "Number of grey classes.", low=2, high=64)
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Regions:
        """Return the grey class of each pixel, 1 the darkest."""
        values = plane(image.pixels, self.channel)
        levels = multi_otsu_levels(values, self.classes)
        notes = Provenance(notes=("levels " + " ".join(f"{level:g}" for level in levels),))
        return Regions(classes_of(values, levels), provenance=notes)


def multi_otsu_levels(values: NDArray[Any], classes: int, bins: int = 256) -> list[float]:
    """Return the ascending levels: a value above a level is in a brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        classes: Number of classes; there is one level less.
        bins: Bins between the least and the greatest float; integers have one bin a level.

    >>> multi_otsu_levels(np.array([1, 2, 90, 91, 250], np.uint8), 3)
    [2.0, 91.0]
    """
    counts, centres, tops = _filled(histogram(values, bins))
    cuts = min(classes, counts.size) - 1
    gain = _gains(counts, centres)
    best = gain[0]  # of the bins up to each one, taken as one class
    last_of: list[NDArray[np.intp]] = []
    for _ in range(cuts):
        both = best[:-1, np.newaxis] + gain[1:]
        last_of.append(both.argmax(axis=0))
        best = np.where(np.isfinite(both.max(axis=0)), both.max(axis=0), -np.inf)
    found: list[float] = []
    end = counts.size - 1
    for last in reversed(last_of):
        end = int(last[end])
        found.append(float(tops[end]))
    return found[::-1]


def classes_of(values: NDArray[Any], levels: list[float]) -> NDArray[np.int32]:
    """Return 1 + the number of levels that each value is above; NaN is 0.

    >>> classes_of(np.array([[1.0, 5.0, np.nan]]), [2.0]).tolist()
    [[1, 2, 0]]
    """
    if values.dtype == np.uint8:
        table = np.searchsorted(levels, np.arange(256), side="left").astype(np.int32) + 1
        return table[values]
    labels = np.ones(values.shape, np.int32)
    for level in levels:
        labels += values > level
    if values.dtype.kind == "f":
        labels[np.isnan(values)] = 0
    return labels


def _filled(found: Histogram) -> Histogram:
    """Return the bins that hold something, neighbours joined at their mean until few enough."""
    used = found.counts > 0
    if not used.any():
        return found
    counts, centres, tops = (column[used] for column in found)
    each = -(-counts.size // MOST_BINS)
    starts = np.arange(0, counts.size, each)
    mass = np.add.reduceat(counts * centres, starts)
    counts = np.add.reduceat(counts, starts)
    return Histogram(counts, mass / counts, tops[np.minimum(starts + each, tops.size) - 1])


def _gains(counts: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return share x mean squared of the class of bins i..j at [i, j]; -inf where j < i."""
    number = np.concatenate([[0.0], np.cumsum(counts)])
    mass = np.concatenate([[0.0], np.cumsum(counts * (centres - centres.mean()))])
    inside = number[np.newaxis, 1:] - number[:-1, np.newaxis]
    moment = mass[np.newaxis, 1:] - mass[:-1, np.newaxis]
    lawful = np.triu(np.ones(inside.shape, bool)) & (inside > 0)
    gain = np.full(inside.shape, -np.inf)
    np.divide(moment**2, inside, out=gain, where=lawful)
    return gain

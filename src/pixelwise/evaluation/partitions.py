"""Regions without names as metrics: covering, Rand, information and boundary F of pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Panoptic, Regions, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation.contours import BoundaryCurve, contour_counts, partition_boundary
from pixelwise.evaluation.metric import Array, Better, CountFamily, Metric, Truth, ratio
from pixelwise.evaluation.regions import score_regions

__all__ = ["ARI", "CONTOUR_F", "COVERING", "PRI", "VI", "Contours", "Partitions"]


class Partitions(CountFamily):
    """Measures covering, PRI, VI and ARI of each picture, averaged over its people."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the four scores and 1."""
        scores = score_regions([_labels(one) for one in _several(truth)], _labels(result))
        row = (scores.covering, scores.pri, scores.vi, scores.ari, 1.0)
        return np.array([row], np.float64), np.ones(1, bool)


class Contours(CountFamily):
    """Counts the boundary pixels that people and result share, as BSDS500 does."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the four counts of the benchmark.

        Raises:
            InputError: Volumes.
        """
        if len(result.size) != 2:
            raise InputError("boundaries are scored on pictures, not on volumes")
        lines = [partition_boundary(_labels(one)) for one in _several(truth)]
        counts = contour_counts(lines, partition_boundary(_labels(result)))
        return counts[None].astype(np.float64), np.ones(1, bool)


def _several(truth: Truth) -> Sequence[Result]:
    return [truth] if isinstance(truth, Result) else truth


def _labels(result: Result) -> NDArray[np.int32]:
    """Return a partition, 0 for void."""
    if isinstance(result, Regions | Panoptic):
        return result.labels
    if isinstance(result, Foreground):
        return result.mask.astype(np.int32) + 1
    if isinstance(result, Semantic):
        return np.where(result.labels == result.legend.void, 0, result.labels + 1)
    raise InputError(f"{type(result).__name__} is no partition; its masks may overlap")


def _contour_f(sums: Array) -> Array:
    return BoundaryCurve.of(sums).f


COVERING = Metric(
    name="covering",
    family=Partitions,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 4]),
    rule="Best overlap of each true region, weighted by its size; mean of people and pictures.",
)
PRI = Metric(
    name="pri",
    family=Partitions,
    per_class=lambda sums: ratio(sums[..., 1], sums[..., 4]),
    rule="Share of pixel pairs that both put together or both apart; mean of people, pictures.",
)
VI = Metric(
    name="vi",
    family=Partitions,
    per_class=lambda sums: ratio(sums[..., 2], sums[..., 4]),
    rule="Information that each lacks of the other; mean of people and pictures.",
    better=Better.LOWER,
    unit="bits",
)
ARI = Metric(
    name="ari",
    family=Partitions,
    per_class=lambda sums: ratio(sums[..., 3], sums[..., 4]),
    rule="Rand index less its chance; mean of people and pictures.",
)
CONTOUR_F = Metric(
    name="boundary_f",
    family=Contours,
    per_class=_contour_f,
    rule="F of boundaries matched one to one within 0.75 % of the diagonal (BSDS500).",
)

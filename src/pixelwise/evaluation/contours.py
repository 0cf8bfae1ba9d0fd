"""Boundaries of partitions scored as the Berkeley benchmark (BSDS500) does: F at ODS, OIS, AP.

A boundary pixel of the result is right where a boundary pixel of some person lies within the
tolerance, one to one; recall is counted over all people. Pixels are matched exactly, where the
reference matches at random among near-best answers: F differs from its files by less than 0.001.

Source:
    P. Arbelaez, M. Maire, C. Fowlkes, J. Malik, TPAMI 33(5), 2011.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.evaluation.matching import match_points
from pixelwise.evaluation.thinning import thin

__all__ = [
    "TOLERANCE",
    "BoundaryCurve",
    "ContourScores",
    "contour_counts",
    "partition_boundary",
    "score_contours",
]

TOLERANCE = 0.0075
"""Greatest distance of a match, as a share of the picture's diagonal; the benchmark's own."""

_DRAWS = 100  # steps between two thresholds in which the best F is looked for, as there


@dataclass(frozen=True, slots=True, eq=False)
class BoundaryCurve:
    """Recall and precision at each threshold.

    Args:
        recall: (T,) float64.
        precision: (T,) float64.
    """

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]

    @classmethod
    def of(cls, counts: NDArray[Any]) -> "BoundaryCurve":
        """Return the curve of counts (T, 4) as :func:`contour_counts` gives them."""
        found, truth, right, claimed = np.moveaxis(counts.astype(np.float64), -1, 0)
        return cls(found / np.maximum(truth, 1), right / np.maximum(claimed, 1))

    @property
    def f(self) -> NDArray[np.float64]:
        """Harmonic mean of recall and precision, 0 where both are 0."""
        return _f(self.recall, self.precision)

    def best(self) -> float:
        """Return the greatest F on the straight lines between neighbouring thresholds."""
        share = np.linspace(0, 1, _DRAWS)[:, None]
        recall, precision = self.recall, self.precision
        between = _f(
            recall[1:] * share + recall[:-1] * (1 - share),
            precision[1:] * share + precision[:-1] * (1 - share),
        )
        return float(max(between.max(initial=0.0), self.f.max()))

    def area(self) -> float:
        """Return the area under precision over recall, sampled at recalls 0, 0.01 .. 1."""
        recall, place = np.unique(self.recall, return_index=True)
        if len(recall) < 2:
            return 0.0
        samples = np.linspace(0, 1, 101)
        precision = self.precision[place]
        height = np.interp(samples, recall, precision, left=0.0, right=0.0)
        return float(height.sum() * 0.01)


@dataclass(frozen=True, slots=True)
class ContourScores:
    """The three sums of the benchmark.

    Args:
        ods: F with one threshold for all pictures.
        ois: F with the best threshold of each picture.
        ap: Area under the curve of all pictures.
        threshold: Place of the best single threshold.
    """

    ods: float
    ois: float
    ap: float
    threshold: int


def partition_boundary(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return the boundary between regions, thinned to one pixel, (H, W) bool.

    A pixel is boundary when any of the four edges that meet at its lower right corner parts two
    regions: the benchmark's own rule, which gives the ``Boundaries`` of its truth files.

    >>> partition_boundary(np.array([[1, 1, 2], [1, 1, 2]])).astype(int).tolist()
    [[0, 1, 0], [0, 1, 0]]
    """
    down = np.zeros(labels.shape, bool)
    right = np.zeros(labels.shape, bool)
    down[:-1] = labels[:-1] != labels[1:]
    right[:, :-1] = labels[:, :-1] != labels[:, 1:]
    corner = down | right
    corner[:-1] |= right[1:]
    corner[:, :-1] |= down[:, 1:]
    return thin(corner)


def contour_counts(
    truths: Sequence[NDArray[np.bool_]],
    boundary: NDArray[np.bool_],
    tolerance: float = TOLERANCE,
) -> NDArray[np.int64]:
    """Return truth pixels found, truth pixels, result pixels right, result pixels; (4,) int64.

    Args:
        truths: Boundaries (H, W) bool of each person, one pixel wide.
        boundary: Boundary (H, W) bool of the result, one pixel wide.
        tolerance: Greatest distance of a match, as a share of the picture's diagonal.

    Raises:
        InputError: There is no truth, or sizes differ.
    """
    if not truths:
        raise InputError("there is no truth to compare the boundary with")
    radius = tolerance * float(np.hypot(*boundary.shape))
    right = np.zeros(boundary.shape, bool)
    found = 0
    for truth in truths:
        matched = match_points(boundary, truth, radius)
        right |= matched.first
        found += int(np.count_nonzero(matched.second))
    total = sum(int(np.count_nonzero(truth)) for truth in truths)
    counts = [found, total, int(np.count_nonzero(right)), int(np.count_nonzero(boundary))]
    return np.array(counts, np.int64)


def score_contours(counts: NDArray[np.int64]) -> ContourScores:
    """Return ODS, OIS and AP of pictures.

    Args:
        counts: (pictures, thresholds, 4) int64, rows of :func:`contour_counts`.

    Raises:
        InputError: There is no picture or no threshold.
    """
    if counts.ndim != 3 or 0 in counts.shape:
        raise InputError(f"expected counts (pictures, thresholds, 4), not {counts.shape}")
    whole = BoundaryCurve.of(counts.sum(axis=0))
    chosen = BoundaryCurve.of(counts).f.argmax(axis=1)
    own = counts[np.arange(len(counts)), chosen].sum(axis=0, keepdims=True)
    return ContourScores(
        ods=whole.best(),
        ois=float(BoundaryCurve.of(own).f[0]),
        ap=whole.area(),
        threshold=int(whole.f.argmax()),
    )


def _f(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> NDArray[np.float64]:
    both = recall + precision
    return 2 * recall * precision / np.where(both > 0, both, 1)

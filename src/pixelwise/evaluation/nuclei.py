"""The score of the Data Science Bowl 2018: things found at ten overlaps, classes left aside.

Source:
    J. Caicedo et al., "Nucleus segmentation across imaging experiments: the 2018 Data Science
    Bowl", Nature Methods 16, 2019.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Panoptic, Regions, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.metric import Array, CountFamily, Metric, Truth, ratio
from pixelwise.evaluation.overlaps import Overlaps, best_pairs, label_overlaps, overlaps_of

__all__ = ["DSB_AP", "DSB_AP50", "Nuclei", "dsb_scores"]

THRESHOLDS = np.linspace(0.5, 0.95, 10)


class Nuclei(CountFamily):
    """Measures TP / (TP + FP + FN) at ten overlaps in each picture."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the mean, the score at one half, and 1; zeros where nothing is anywhere."""
        overlaps = _overlaps(truth, result)
        if overlaps.shared.shape == (0, 0):
            return np.zeros((1, 3)), np.zeros(1, bool)
        scores = dsb_scores(overlaps)
        return np.array([[scores.mean(), scores[0], 1.0]]), np.ones(1, bool)


def dsb_scores(overlaps: Overlaps) -> Array:
    """Return TP / (TP + FP + FN) at each of the ten overlaps 0.5, 0.55 .. 0.95, (10,) float64.

    A pair counts when its IoU is above the threshold.
    """
    iou = overlaps.iou
    hits = np.array([len(best_pairs(iou, threshold)[0]) for threshold in THRESHOLDS])
    return ratio(hits, iou.shape[0] + iou.shape[1] - hits)


def _overlaps(truth: Truth, result: Result) -> Overlaps:
    if isinstance(truth, Instances) and isinstance(result, Instances):
        return overlaps_of(truth, result)
    if isinstance(truth, Regions | Panoptic) and isinstance(result, Regions | Panoptic):
        return label_overlaps(truth.labels, result.labels)
    raise InputError(f"{type(result).__name__} has no things to find; use to_instances")


DSB_AP = Metric(
    name="dsb_ap",
    family=Nuclei,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 2]),
    rule="TP / (TP + FP + FN) at IoU above 0.5 .. 0.95; mean of thresholds, then of pictures.",
)
DSB_AP50 = Metric(
    name="dsb_ap50",
    family=Nuclei,
    per_class=lambda sums: ratio(sums[..., 1], sums[..., 2]),
    rule="TP / (TP + FP + FN) at IoU above 0.5; mean of pictures.",
)

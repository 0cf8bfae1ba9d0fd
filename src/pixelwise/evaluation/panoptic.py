"""Panoptic quality from one joint histogram a picture.

Segments match when they are of one class and their intersection over union, void of the truth
taken out, is above one half. Crowd segments of the truth match nothing; a segment of the result
that lies by more than half in void and in crowds of its class counts neither for nor against.

Source:
    A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollar, "Panoptic Segmentation", CVPR 2019.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Legend, Panoptic, Result, Segments
from pixelwise.errors import InputError
from pixelwise.evaluation.contingency import id_histogram
from pixelwise.evaluation.metric import Array, CountFamily, Metric, Truth, ratio
from pixelwise.evaluation.overlaps import best_pairs, overlaps_of

__all__ = ["PQ", "RQ", "SQ", "PanopticCounts", "panoptic_counts"]

_IOU, _TP, _FP, _FN = range(4)


class PanopticCounts(CountFamily):
    """Counts, for each class, matched IoU, matches, and what is too much or missing."""

    def classes_of(self, truth: Truth) -> tuple[str, ...]:
        """Return the legend's names.

        Raises:
            InputError: The truth has no segments.
        """
        if isinstance(truth, Panoptic | Instances):
            return tuple(row.name for row in truth.legend)
        raise InputError(f"{type(truth).__name__} has no segments; use to_panoptic")

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the counts (C, 4) of one picture.

        Raises:
            InputError: The result has no segments.
        """
        if isinstance(truth, Panoptic) and isinstance(result, Panoptic):
            counts = panoptic_counts(truth, result)
        elif isinstance(truth, Instances) and isinstance(result, Instances):
            counts = _instance_counts(truth, result)
        else:
            raise InputError(f"{type(result).__name__} has no segments; use to_panoptic")
        seen = np.isin(truth.legend.ids, truth.segments.class_id[~truth.segments.crowd])
        return counts, seen


def panoptic_counts(truth: Panoptic, result: Panoptic) -> Array:
    """Return (C, 4) float64 in the order of the truth's legend: IoU of matches, TP, FP, FN."""
    rows, columns = truth.segments, result.segments
    table = id_histogram(truth.labels, result.labels, (rows.id, columns.id))
    area, area_too = table[1:].sum(axis=1), table[:, 1:].sum(axis=0)
    shared, in_void = table[1:, 1:], table[0, 1:]
    joint = area[:, None] + area_too - shared - in_void
    same = rows.class_id[:, None] == columns.class_id
    matched = same & ~rows.crowd[:, None] & (2 * shared > joint)
    excused = in_void + np.where(same & _last_crowds(rows)[:, None], shared, 0).sum(axis=0)
    missing = ~matched.any(axis=1) & ~rows.crowd & (area > 0)
    wrong = ~matched.any(axis=0) & (area_too > 0) & (2 * excused <= area_too)
    iou = (shared / np.maximum(joint, 1))[matched]
    return _counts(
        truth.legend,
        iou,
        rows.class_id[np.nonzero(matched)[0]],
        (columns.class_id[wrong], rows.class_id[missing]),
    )


def _last_crowds(table: Segments) -> NDArray[np.bool_]:
    """Return the last crowd row of each class: as in panopticapi, a class has one a picture."""
    last = {int(table.class_id[place]): int(place) for place in np.flatnonzero(table.crowd)}
    chosen = np.zeros(len(table), bool)
    chosen[list(last.values())] = True
    return chosen


def _counts(
    legend: Legend,
    iou: Array,
    hit: NDArray[np.int32],
    faults: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> Array:
    """Return (C, 4) from matched IoU and its classes, and the classes of FP and FN."""
    place = np.zeros(int(legend.ids.max(initial=0)) + 1, np.int64)
    place[legend.ids] = np.arange(len(legend))
    size = len(legend)
    wrong, missing = faults
    columns = [
        np.bincount(place[hit], weights=iou, minlength=size),
        *(np.bincount(place[part], minlength=size) for part in (hit, wrong, missing)),
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def _instance_counts(truth: Instances, result: Instances) -> Array:
    """Return the same counts for masks that may overlap: the best pairs match first."""
    overlaps = overlaps_of(truth, result)
    same = truth.segments.class_id[:, None] == result.segments.class_id
    crowd = truth.segments.crowd
    iou = np.where(same & ~crowd[:, None], overlaps.iou, 0)
    rows, columns = best_pairs(iou, 0.5)
    inside = np.where(same & crowd[:, None], overlaps.shared, 0).sum(axis=0)
    missing, wrong = ~crowd, 2 * inside <= overlaps.second
    missing[rows], wrong[columns] = False, False
    faults = result.segments.class_id[wrong], truth.segments.class_id[missing]
    return _counts(truth.legend, iou[rows, columns], truth.segments.class_id[rows], faults)


def _quality(sums: Array) -> Array:
    return ratio(sums[..., _IOU], sums[..., _TP] + sums[..., _FP] / 2 + sums[..., _FN] / 2)


def _segmentation(sums: Array) -> Array:
    there = sums[..., _TP] + sums[..., _FP] + sums[..., _FN] > 0
    value = sums[..., _IOU] / np.maximum(sums[..., _TP], 1e-300)
    return np.where(there, np.where(sums[..., _TP] > 0, value, 0.0), np.nan)


def _recognition(sums: Array) -> Array:
    return ratio(sums[..., _TP], sums[..., _TP] + sums[..., _FP] / 2 + sums[..., _FN] / 2)


_CLASSES = "mean of the classes with a segment in truth or result."
PQ = Metric(
    name="pq",
    family=PanopticCounts,
    per_class=_quality,
    rule=f"Panoptic quality = SQ x RQ of all pictures; {_CLASSES}",
)
SQ = Metric(
    name="sq",
    family=PanopticCounts,
    per_class=_segmentation,
    rule=f"Mean IoU of matched segments, 0 for a class without a match; {_CLASSES}",
)
RQ = Metric(
    name="rq",
    family=PanopticCounts,
    per_class=_recognition,
    rule=f"F of segments found (IoU above one half); {_CLASSES}",
)

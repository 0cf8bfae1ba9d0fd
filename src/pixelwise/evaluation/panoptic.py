"""Panoptic quality from one joint histogram a picture.

Segments match when they are of one class and their intersection over union, void of the truth
taken out, is above one half. Crowd segments of the truth match nothing; a segment of the result
that lies by more than half in void and in crowds of its class counts neither for nor against.

Source:
    A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollar, "Panoptic Segmentation", CVPR 2019.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Panoptic, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.contingency import Contingency
from pixelwise.evaluation.metric import Array, CountFamily, Metric, Truth, ratio
from pixelwise.evaluation.overlaps import best_pairs, overlaps_of

__all__ = ["PQ", "RQ", "SQ", "PanopticCounts", "panoptic_counts"]

_IOU, _TP, _FP, _FN = range(4)


class PanopticCounts(CountFamily):
    """Counts, for each class, matched IoU, matches, and what is too much or missing."""

    def classes_of(self, truth: Truth) -> tuple[str, ...]:
        """Return the legend's names."""
        if isinstance(truth, Panoptic | Instances):
            return tuple(row.name for row in truth.legend)
        raise InputError(f"{type(truth).__name__} has no segments; use to_panoptic")

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the counts (C, 4) of one picture."""
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
    table = Contingency.of(truth.labels, result.labels)
    rows, columns = truth.segments, result.segments
    area_of_row = _sums(table.first, table.count, rows.id)
    area_of_column = _sums(table.second, table.count, columns.id)
    in_void = _sums(table.second[table.first == 0], table.count[table.first == 0], columns.id)
    both = (table.first > 0) & (table.second > 0)
    row, column = _places(rows.id, table.first[both]), _places(columns.id, table.second[both])
    shared = table.count[both]
    same = rows.class_id[row] == columns.class_id[column]
    joint = area_of_row[row] + area_of_column[column] - shared - in_void[column]
    matched = same & ~rows.crowd[row] & (2 * shared > joint)
    excused = in_void + _in_crowds(truth, result, row, column, shared)
    found = np.zeros(len(rows), bool)
    used = np.zeros(len(columns), bool)
    found[row[matched]], used[column[matched]] = True, True
    missing = ~found & ~rows.crowd & (area_of_row > 0)
    wrong = ~used & (area_of_column > 0) & (2 * excused <= area_of_column)
    place = _places_of_classes(truth.legend.ids)
    counts = np.zeros((len(truth.legend), 4))
    class_of = place[rows.class_id[row[matched]]]
    np.add.at(counts[:, _IOU], class_of, shared[matched] / joint[matched])
    np.add.at(counts[:, _TP], class_of, 1)
    np.add.at(counts[:, _FP], place[columns.class_id[wrong]], 1)
    np.add.at(counts[:, _FN], place[rows.class_id[missing]], 1)
    return counts


def _in_crowds(
    truth: Panoptic,
    result: Panoptic,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    shared: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return, for each segment of the result, its pixels in the crowd of its class.

    As in panopticapi, a class has one crowd a picture: the last one of the table.
    """
    table = truth.segments
    crowds = np.flatnonzero(table.crowd)
    last = {int(table.class_id[place]): int(place) for place in crowds}
    crowd = np.isin(row, list(last.values()))
    same = crowd & (table.class_id[row] == result.segments.class_id[column])
    pixels = np.zeros(len(result.segments), np.int64)
    np.add.at(pixels, column[same], shared[same])
    return pixels


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
    place = _places_of_classes(truth.legend.ids)
    counts = np.zeros((len(truth.legend), 4))
    class_of = place[truth.segments.class_id[rows]]
    np.add.at(counts[:, _IOU], class_of, iou[rows, columns])
    np.add.at(counts[:, _TP], class_of, 1)
    np.add.at(counts[:, _FP], place[result.segments.class_id[wrong]], 1)
    np.add.at(counts[:, _FN], place[truth.segments.class_id[missing]], 1)
    return counts


def _sums(
    labels: NDArray[np.int64], count: NDArray[np.int64], ids: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the pixels of each id."""
    total = np.zeros(len(ids), np.int64)
    known = labels > 0
    np.add.at(total, _places(ids, labels[known]), count[known])
    return total


def _places(ids: NDArray[np.int32], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where in ``ids`` each label stands."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids[order], labels)]


def _places_of_classes(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    place = np.zeros(int(ids.max(initial=0)) + 1, np.int64)
    place[ids] = np.arange(len(ids))
    return place


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

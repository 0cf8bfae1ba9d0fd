"""How much the masks of two sets of things share, and which of them belong together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Instances
from pixelwise.evaluation.contingency import Contingency

__all__ = ["Overlaps", "best_pairs", "label_overlaps", "overlaps_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pixels that masks share.

    Args:
        shared: (N, M) int64.
        first: (N,) int64 areas.
        second: (M,) int64 areas.
    """

    shared: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def iou(self) -> NDArray[np.float64]:
        """(N, M) float64 intersection over union, 0 for two empty masks."""
        joint = self.first[:, None] + self.second - self.shared
        return self.shared / np.maximum(joint, 1)


def overlaps_of(truth: Instances, result: Instances) -> Overlaps:
    """Return the overlaps of two sets of things; only pairs whose boxes meet are looked at."""
    shared = np.zeros((len(truth), len(result)), np.int64)
    for row, column in np.argwhere(_meeting(truth.crops, result.crops)):
        shared[row, column] = truth.crops[row].shared_with(result.crops[column])
    return Overlaps(shared, _areas(truth.crops), _areas(result.crops))


def label_overlaps(truth: NDArray[np.int32], labels: NDArray[np.int32]) -> Overlaps:
    """Return the overlaps of the regions of two label maps, 0 left out.

    >>> label_overlaps(np.int32([[1, 1, 0]]), np.int32([[0, 7, 7]])).shared.tolist()
    [[1]]
    """
    table = Contingency.of(truth, labels)
    here, row = np.unique(table.first, return_inverse=True)
    there, column = np.unique(table.second, return_inverse=True)
    shared = np.zeros((len(here), len(there)), np.int64)
    shared[row, column] = table.count
    rows, columns = here > 0, there > 0
    inside = shared[np.ix_(rows, columns)]
    return Overlaps(inside, shared.sum(axis=1)[rows], shared.sum(axis=0)[columns])


def best_pairs(
    iou: NDArray[np.float64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the pairs above a threshold, the greatest first, one to one.

    >>> best_pairs(np.array([[0.9, 0.8], [0.7, 0.0]]), 0.5)
    (array([0]), array([0]))
    """
    rows, columns = np.nonzero(iou > threshold)
    order = np.argsort(-iou[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    kept: list[int] = []
    seen_rows: set[int] = set()
    seen_columns: set[int] = set()
    for place, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if row not in seen_rows and column not in seen_columns:
            kept.append(place)
            seen_rows.add(row)
            seen_columns.add(column)
    return rows[kept], columns[kept]


def _meeting(first: tuple[Crop, ...], second: tuple[Crop, ...]) -> NDArray[np.bool_]:
    if not first or not second:
        return np.zeros((len(first), len(second)), bool)
    low, low_too = (np.array([crop.origin for crop in crops]) for crops in (first, second))
    high = low + np.array([crop.mask.shape for crop in first])
    high_too = low_too + np.array([crop.mask.shape for crop in second])
    return np.asarray(((low[:, None] < high_too) & (low_too < high[:, None])).all(axis=-1))


def _areas(crops: tuple[Crop, ...]) -> NDArray[np.int64]:
    return np.array([crop.area for crop in crops], np.int64)

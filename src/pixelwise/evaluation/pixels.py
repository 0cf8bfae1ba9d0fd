"""Classes pixel by pixel: accuracy, IoU, Dice, volume error, from one joint histogram a picture.

Pixels that are void in the truth are left out; a pixel that the result leaves void counts as
missed. Sums run over all pictures before they are divided (as in VOC and Cityscapes), but for
``case_dice``, which is the mean of pictures (as in nnU-Net). The mean runs over the classes that
occur in the truth or in the result; a ``Foreground`` has one class, the thing itself.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Legend, Panoptic, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation.contingency import trusted_histogram
from pixelwise.evaluation.metric import Array, Better, CountFamily, Metric, Truth, ratio

__all__ = [
    "ACCURACY",
    "CASE_DICE",
    "DICE",
    "MIOU",
    "VOLUME_ERROR",
    "ClassPixels",
    "class_maps",
    "confusion_matrix",
]

_HIT, _TRUTH, _RESULT, _CORRECT, _TOTAL, _DICE, _DICES, _ERROR, _ERRORS = range(9)


class ClassPixels(CountFamily):
    """Counts, for each class, what was hit, what is true, and what was claimed."""

    def __init__(self) -> None:
        super().__init__()
        self._confusion: NDArray[np.int64] | None = None

    def classes_of(self, truth: Truth) -> tuple[str, ...]:
        """Return the legend's names; the name of the thing for a foreground."""
        if isinstance(truth, Foreground):
            return (truth.legend.classes[-1].name if truth.legend else "foreground",)
        return tuple(row.name for row in _legend(truth))

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the counts of one picture."""
        if isinstance(truth, Foreground) and isinstance(result, Foreground):
            return _with_means(_foreground_counts(truth.mask, result.mask))
        first, second, legend = class_maps(truth, result)
        table = confusion_matrix(first, second, legend)
        self._confusion = table if self._confusion is None else self._confusion + table
        hit, true, claimed = np.diag(table), table.sum(axis=1), table[:, :-1].sum(axis=0)
        return _with_means(np.stack([hit, true, claimed, hit, true], axis=1))

    def confusion(self) -> NDArray[np.int64] | None:
        """Return the matrix of all pictures; None for foregrounds."""
        return self._confusion


def confusion_matrix(
    truth: NDArray[np.int32], labels: NDArray[np.int32], legend: Legend
) -> NDArray[np.int64]:
    """Return pixels by true class (rows) and given class (columns), (C, C + 1) int64.

    Args:
        truth: Class ids or void, as a result has checked them; void pixels are left out.
        labels: The same, of the same shape; void goes to the last column.
        legend: Its order is that of rows and columns.

    >>> legend = Legend.of(["sky", "road"])
    >>> confusion_matrix(np.int32([[0, 0, 1, 255]]), np.int32([[0, 1, 255, 0]]), legend).tolist()
    [[1, 1, 0], [0, 0, 1]]
    """
    ids = np.append(legend.ids, legend.void)
    side = int(ids.max()) + 1
    table = trusted_histogram(truth, labels, (side, side))
    return table[np.ix_(ids[:-1], ids)]


def class_maps(truth: Truth, result: Result) -> tuple[NDArray[np.int32], NDArray[np.int32], Legend]:
    """Return the class maps of truth and result and their legend.

    Raises:
        InputError: They have no classes by pixel.
    """
    return _classes_by_pixel(truth), _classes_by_pixel(result), _legend(truth)


def _classes_by_pixel(result: Truth) -> NDArray[np.int32]:
    if isinstance(result, Semantic):
        return result.labels
    if isinstance(result, Panoptic):
        lookup = np.full(int(result.labels.max(initial=0)) + 1, result.legend.void, np.int32)
        kept = result.segments.id < len(lookup)
        lookup[result.segments.id[kept]] = result.segments.class_id[kept]
        return lookup[result.labels]
    raise InputError(f"{type(result).__name__} has no class for each pixel; use to_semantic")


def _legend(truth: Truth) -> Legend:
    if isinstance(truth, Semantic | Panoptic):
        return truth.legend
    raise InputError(f"{type(truth).__name__} has no class for each pixel; use to_semantic")


def _foreground_counts(truth: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    hit = int(np.count_nonzero(truth & mask))
    true, claimed = int(np.count_nonzero(truth)), int(np.count_nonzero(mask))
    correct = truth.size - true - claimed + 2 * hit
    return np.array([[hit, true, claimed, correct, truth.size]], np.int64)


def _with_means(counts: NDArray[np.int64]) -> tuple[Array, NDArray[np.bool_]]:
    """Return the counts with what is averaged over pictures beside them, and who occurs."""
    hit, true, claimed = counts[:, _HIT], counts[:, _TRUTH], counts[:, _RESULT]
    there = true + claimed > 0
    dice = np.where(there, 2 * hit / np.maximum(true + claimed, 1), 0)
    error = np.where(true > 0, np.abs(claimed - true) / np.maximum(true, 1), 0)
    rows = np.column_stack([counts, dice, there, error, true > 0])
    return rows.astype(np.float64), true > 0


def _accuracy(sums: Array) -> Array:
    return ratio(sums[..., _CORRECT].sum(axis=-1), sums[..., _TOTAL].sum(axis=-1))


ACCURACY = Metric(
    name="accuracy",
    family=ClassPixels,
    per_class=lambda sums: ratio(sums[..., _CORRECT], sums[..., _TOTAL]),
    overall=_accuracy,
    rule="Share of the pixels, void of the truth left out, that got their class.",
)
MIOU = Metric(
    name="miou",
    family=ClassPixels,
    per_class=lambda sums: ratio(
        sums[..., _HIT], sums[..., _TRUTH] + sums[..., _RESULT] - sums[..., _HIT]
    ),
    rule="Intersection over union of all pictures; mean of the classes in truth or result.",
)
DICE = Metric(
    name="dice",
    family=ClassPixels,
    per_class=lambda sums: ratio(2 * sums[..., _HIT], sums[..., _TRUTH] + sums[..., _RESULT]),
    rule="Dice of all pictures together; mean of the classes in truth or result.",
)
CASE_DICE = Metric(
    name="case_dice",
    family=ClassPixels,
    per_class=lambda sums: ratio(sums[..., _DICE], sums[..., _DICES]),
    rule="Mean of the pictures' Dice, pictures without the class left out; mean of classes.",
)
VOLUME_ERROR = Metric(
    name="volume_error",
    family=ClassPixels,
    better=Better.LOWER,
    per_class=lambda sums: ratio(sums[..., _ERROR], sums[..., _ERRORS]),
    rule="Mean of |result - truth| / truth in size, over pictures whose truth has the class.",
)

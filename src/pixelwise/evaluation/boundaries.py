"""Boundaries of masks: boundary IoU, and boundary F with a tolerance.

Source:
    B. Cheng, R. Girshick, P. Dollar, A. Berg, A. Kirillov, "Boundary IoU", CVPR 2021;
    F. Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object
    Segmentation", CVPR 2016 (boundary F, as DAVIS and TrackEval count it).
"""

from collections.abc import Iterator

import cv2
import edt
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.metric import Array, CountFamily, Metric, Truth, ratio
from pixelwise.evaluation.pixels import ClassPixels, class_maps

__all__ = [
    "BOUNDARY_F",
    "BOUNDARY_IOU",
    "Outlines",
    "boundary_band",
    "boundary_f_counts",
    "class_masks",
    "f_of",
    "inner_outline",
]

BAND = 0.02
"""Width of the boundary of boundary IoU, as a share of the diagonal; the paper's own."""
TOLERANCE = 0.008
"""Greatest distance of boundaries, as a share of the diagonal; that of DAVIS."""


class Outlines(CountFamily):
    """Measures the boundaries of each class in each picture."""

    def classes_of(self, truth: Truth) -> tuple[str, ...]:
        """Return the names of the classes."""
        return ClassPixels().classes_of(truth)

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the counts of one picture: shared band, joint band, F, pictures.

        Raises:
            InputError: Volumes.
        """
        if len(result.size) != 2:
            raise InputError("boundaries are scored on pictures; use hd95 for volumes")
        rows, seen = [], []
        for first, second in class_masks(truth, result):
            there = bool(first.any() or second.any())
            seen.append(bool(first.any()))
            rows.append(_counts(first, second) if there else (0.0, 0.0, 0.0, 0.0))
        return np.array(rows, np.float64), np.array(seen, bool)


def class_masks(
    truth: Truth, result: Result
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield the masks of truth and result of each class, void of the truth taken from both."""
    if isinstance(truth, Foreground) and isinstance(result, Foreground):
        yield truth.mask, result.mask
        return
    first, second, legend = class_maps(truth, result)
    void = first == legend.void
    second = np.where(void, np.int32(legend.void), second) if void.any() else second
    for class_id in legend.ids:
        yield first == class_id, second == class_id


def boundary_band(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return the pixels of a mask (H, W) that lie within ``width`` steps of its border.

    >>> boundary_band(np.ones((3, 3), bool), 1).astype(int).tolist()
    [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    """
    kernel = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    inner = cv2.erode(mask.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return mask & (inner == 0)


def inner_outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the one pixel wide boundary of DAVIS: where a mask differs right, below or across.

    >>> inner_outline(np.array([[0, 1], [0, 1]], bool)).astype(int).tolist()
    [[1, 0], [1, 0]]
    """
    line = np.zeros(mask.shape, bool)
    line[:, :-1] |= mask[:, :-1] ^ mask[:, 1:]
    line[:-1] |= mask[:-1] ^ mask[1:]
    line[:-1, :-1] |= mask[:-1, :-1] ^ mask[1:, 1:]
    return line


def boundary_f_counts(
    truth: NDArray[np.bool_], mask: NDArray[np.bool_], tolerance_px: int
) -> tuple[int, int, int, int]:
    """Return boundary pixels: truth found, truth, result right, result.

    Args:
        truth: (H, W) bool.
        mask: (H, W) bool.
        tolerance_px: Greatest distance at which boundaries still agree.
    """
    first, second = inner_outline(truth), inner_outline(mask)
    totals = int(np.count_nonzero(first)), int(np.count_nonzero(second))
    if 0 in totals:
        return 0, totals[0], 0, totals[1]
    window = _window(first | second, tolerance_px)
    first, second = first[window], second[window]
    found = int(np.count_nonzero(first & _near(second, tolerance_px)))
    right = int(np.count_nonzero(second & _near(first, tolerance_px)))
    return found, totals[0], right, totals[1]


def f_of(counts: tuple[int, int, int, int]) -> float:
    """Return F of boundary counts; 1 where neither has a boundary, 0 where one has none."""
    found, truth, right, claimed = counts
    if truth == 0 or claimed == 0:
        return 1.0 if truth == claimed else 0.0
    recall, precision = found / truth, right / claimed
    return 0.0 if recall + precision == 0 else 2 * recall * precision / (recall + precision)


def tolerance_of(size: tuple[int, ...], share: float = TOLERANCE) -> int:
    """Return a share of the diagonal in whole pixels, rounded up.

    >>> tolerance_of((480, 854))
    8
    """
    return int(np.ceil(share * float(np.hypot(size[0], size[1]))))


def _counts(truth: NDArray[np.bool_], mask: NDArray[np.bool_]) -> tuple[float, ...]:
    width = max(1, round(BAND * float(np.hypot(*truth.shape))))
    window = _window(truth | mask, 0)
    # The crop's own border would count as the mask's only where the mask really ends there.
    first, second = boundary_band(truth[window], width), boundary_band(mask[window], width)
    shared, joint = np.count_nonzero(first & second), np.count_nonzero(first | second)
    f = f_of(boundary_f_counts(truth, mask, tolerance_of(truth.shape)))
    return (float(shared), float(joint), f, 1.0)


def _near(line: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Return the pixels within ``radius`` of a line; the same as dilating it by a disc."""
    squared = edt.edtsq(~line, black_border=False, parallel=1)
    return np.asarray(squared <= radius * radius)


def _window(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


BOUNDARY_IOU = Metric(
    name="boundary_iou",
    family=Outlines,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 1]),
    rule="IoU of the bands inside the boundaries, 2 % of the diagonal wide, of all pictures.",
)
BOUNDARY_F = Metric(
    name="boundary_f",
    family=Outlines,
    per_class=lambda sums: ratio(sums[..., 2], sums[..., 3]),
    rule="F of boundaries that agree within 0.8 % of the diagonal; mean of pictures.",
)

"""How much boxes lie on each other, and which of many that speak of one thing are kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["box_overlaps", "unsuppressed"]

AT_ONCE = 128
"""Boxes of falling score that are compared with each other at once."""


def box_overlaps(boxes: NDArray[np.floating[Any]], others: NDArray[np.floating[Any]]) -> Any:  # noqa: ANN401
    """Return the intersection over union of each box with each other box, (N, M) float32.

    Boxes without area overlap nothing.

    Args:
        boxes: (N, 4) x0 y0 x1 y1.
        others: (M, 4) the same.

    >>> box_overlaps(np.float32([[0, 0, 2, 2]]), np.float32([[1, 0, 3, 2]])).round(3).tolist()
    [[0.3330000042915344]]
    """
    low = np.maximum(boxes[:, np.newaxis, :2], others[np.newaxis, :, :2])
    high = np.minimum(boxes[:, np.newaxis, 2:], others[np.newaxis, :, 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]
    union = _areas(boxes)[:, np.newaxis] + _areas(others)[np.newaxis] - shared
    return (shared / np.maximum(union, np.finfo(np.float32).tiny)).astype(np.float32)


def unsuppressed(
    boxes: NDArray[np.floating[Any]],
    scores: NDArray[np.floating[Any]],
    groups: NDArray[np.integer[Any]],
    level: float,
    *,
    most: int,
) -> NDArray[np.intp]:
    """Return the rows that greedy non-maximum suppression keeps, by falling score.

    A box goes when one of its group with a higher score (of equal ones: an earlier row) was kept
    and overlaps it by more than ``level``.

    Args:
        boxes: (N, 4) x0 y0 x1 y1.
        scores: (N,).
        groups: (N,) such as the class; boxes of different groups leave each other alone.
        level: Intersection over union, 0..1.
        most: Keep no more rows.

    >>> boxes = np.float32([[0, 0, 9, 9], [0, 0, 9, 8], [0, 0, 9, 9]])
    >>> unsuppressed(boxes, np.float32([0.5, 0.9, 0.7]), np.array([1, 1, 2]), 0.5, most=9).tolist()
    [1, 2]
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []

    def clashing(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.bool_]:
        alike = groups[rows][:, np.newaxis] == groups[others]
        return np.asarray(alike & (box_overlaps(boxes[rows], boxes[others]) > level))

    for start in range(0, len(order), AT_ONCE):
        rows = order[start : start + AT_ONCE]
        gone = np.asarray(clashing(rows, np.array(kept, np.intp)).any(axis=1))
        for place, clashes in enumerate(clashing(rows, rows)):
            if not gone[place]:
                kept.append(int(rows[place]))
                gone |= clashes
        if len(kept) >= most:
            break
    return np.array(kept[:most], np.intp)


def _areas(boxes: NDArray[np.floating[Any]]) -> Any:  # noqa: ANN401
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return sides[:, 0] * sides[:, 1]

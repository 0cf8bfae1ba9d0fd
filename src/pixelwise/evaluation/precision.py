"""Average precision of detections that are already matched, for weighted sets of pictures.

The numbers are those of pycocotools: precision made to fall, sampled at 101 recalls.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["ClassMatches", "average_precision"]

RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True, eq=False)
class ClassMatches:
    """The detections of one class, best score first.

    Args:
        picture: (D,) int64.
        hit: (T, D) bool, whether it found a thing at each overlap.
        ignored: (T, D) bool, whether it counts neither way.
        things: (N,) float64 things of the truth in each picture, crowds left out.
    """

    picture: NDArray[np.int64]
    hit: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    things: NDArray[np.float64]


def average_precision(
    matches: ClassMatches, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return precision and greatest recall at each overlap, for weighted sets of pictures.

    Args:
        matches: Detections of one class.
        weights: (B, N), how often each picture occurs in each set.

    Returns:
        (B, T) float64 average precisions and (B, T) float64 recalls, NaN without a thing.
    """
    things = weights @ matches.things
    shape = (len(weights), len(matches.hit))
    precision, recall = np.zeros(shape), np.zeros(shape)
    work = _sweep if COMPILED else _sweep_plain
    for row, (total, weight) in enumerate(zip(things, weights, strict=True)):
        if total == 0:
            precision[row] = recall[row] = np.nan
            continue
        share = weight[matches.picture]
        work(share, matches.hit, matches.ignored, float(total), (precision[row], recall[row]))
    return precision, recall


@jit
def _sweep(
    share: NDArray[np.float64],
    hit: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    total: float,
    out: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    precision = np.empty(share.size)
    recall = np.empty(share.size)
    for overlap in range(hit.shape[0]):
        right, wrong, steps = 0.0, 0.0, 0
        for place in range(share.size):
            if share[place] == 0.0 or ignored[overlap, place]:
                continue
            right += share[place] * hit[overlap, place]
            wrong += share[place] * (1 - hit[overlap, place])
            precision[steps] = right / (right + wrong + np.finfo(np.float64).eps)
            recall[steps] = right / total
            steps += 1
        out[0][overlap] = _sampled(precision[:steps], recall[:steps])
        out[1][overlap] = recall[steps - 1] if steps else 0.0


@jit
def _sampled(precision: NDArray[np.float64], recall: NDArray[np.float64]) -> float:
    """Return the mean of the precision, made to fall, at 101 recalls; 0 beyond the last."""
    for place in range(precision.size - 1, 0, -1):
        precision[place - 1] = max(precision[place - 1], precision[place])
    area, place = 0.0, 0
    for sample in range(RECALLS.size):
        while place < recall.size and recall[place] < RECALLS[sample]:
            place += 1
        if place < recall.size:
            area += precision[place]
    return area / RECALLS.size


def _sweep_plain(
    share: NDArray[np.float64],
    hit: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    total: float,
    out: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    for overlap in range(len(hit)):
        counted = np.flatnonzero((share > 0) & ~ignored[overlap])
        right = np.cumsum(share[counted] * hit[overlap, counted])
        wrong = np.cumsum(share[counted] * ~hit[overlap, counted])
        precision = right / (right + wrong + np.finfo(np.float64).eps)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        place = np.searchsorted(right / total, RECALLS, side="left")
        reached = place[place < len(counted)]
        out[0][overlap] = precision[reached].sum() / len(RECALLS)
        out[1][overlap] = right[-1] / total if len(counted) else 0.0

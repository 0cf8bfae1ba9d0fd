"""Histograms of grey values of any type."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["histogram"]


def histogram(
    values: NDArray[Any], bins: int = 256
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many values fall into each bin, and the greatest value of each bin.

    Integers whose range fits into ``bins`` get one bin a level, from the least to the greatest
    value that occurs; everything else gets ``bins`` equal bins between them. Values that are not
    finite are left out. Without any finite value there is one empty bin at 0.

    >>> counts, tops = histogram(np.array([3, 5, 5], np.uint8))
    >>> counts.tolist(), tops.tolist()
    ([1.0, 0.0, 2.0], [3.0, 4.0, 5.0])
    """
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    if values.dtype == np.uint8 and values.size:
        return _trimmed(_counts8(values), 0)
    seen = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
    if seen.size == 0:
        return np.zeros(1), np.zeros(1)
    low, high = float(seen.min()), float(seen.max())
    if values.dtype.kind in "iu" and high - low < bins:
        counts = np.bincount((seen.astype(np.int64) - int(low)).reshape(-1))
        return counts.astype(np.float64), low + np.arange(len(counts), dtype=np.float64)
    if high == low:
        return np.array([float(seen.size)]), np.array([high])
    counts, edges = np.histogram(seen, bins, range=(low, high))
    return counts.astype(np.float64), edges[1:]


def _counts8(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    flat = np.ascontiguousarray(values).reshape(values.shape[0], -1)
    return np.asarray(cv2.calcHist([flat], [0], None, [256], [0, 256]), np.float64).reshape(-1)


def _trimmed(
    counts: NDArray[np.float64], first: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    used = np.flatnonzero(counts)
    low, high = int(used[0]), int(used[-1])
    return counts[low : high + 1], first + np.arange(low, high + 1, dtype=np.float64)

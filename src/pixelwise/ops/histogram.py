"""Histograms of grey values of any type."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels
from pixelwise.ops.slabs import finite_range, slabs

__all__ = ["Histogram", "histogram"]

EXACT = 65536
"""Whole numbers that span fewer levels than this get one bin a level."""

KERNELS = Kernels("pixelwise.ops.histogram_kernels")


class Histogram(NamedTuple):
    """How many values fall into each bin; the first and the last bin are not empty.

    Args:
        counts: (B,) float64.
        centres: (B,) float64, the middle of each bin.
        tops: (B,) float64, the greatest value that belongs to each bin.
    """

    counts: NDArray[np.float64]
    centres: NDArray[np.float64]
    tops: NDArray[np.float64]

    def joined(self, most: int) -> "Histogram":
        """Return at most ``most`` bins, each of as many neighbours as it takes.

        >>> histogram(np.arange(6)).joined(3).tops.tolist()
        [1.0, 3.0, 5.0]
        """
        each = -(-self.counts.size // most)
        if each == 1:
            return self
        starts = np.arange(0, self.counts.size, each)
        ends = np.minimum(starts + each, self.counts.size) - 1
        middles = (self.centres[starts] + self.centres[ends]) / 2
        return Histogram(np.add.reduceat(self.counts, starts), middles, self.tops[ends])


def histogram(values: NDArray[Any], bins: int = 256) -> Histogram:
    """Return the histogram of the finite values.

    Whole numbers that span fewer than 65536 levels get one bin a level, so 8 and 16 bits are
    exact; everything else gets ``bins`` equal bins from the least to the greatest value. Without
    any finite value there is one empty bin at 0.

    Args:
        values: Any shape, any real dtype.
        bins: Bins of what is not exact.

    >>> histogram(np.array([3, 5, 5], np.uint8)).counts.tolist()
    [1.0, 0.0, 2.0]
    """
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    if values.dtype == np.uint8 and values.size:
        return _levels(_summed(_count_bytes(piece) for piece in slabs(values)), 0)
    if values.dtype == np.uint16 and values.size:
        return _levels(_summed(_counted(piece, EXACT) for piece in slabs(values)), 0)
    ends = finite_range(values)
    if ends is None:
        return Histogram(np.zeros(1), np.zeros(1), np.zeros(1))
    if values.dtype.kind in "iu":
        low, high = int(ends[0]), int(ends[1])
        if high - low < EXACT:
            return _levels(_summed(_shifted(piece, low, high) for piece in slabs(values)), low)
    return _binned(values, float(ends[0]), float(ends[1]), bins)


def _summed(counts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(sum(counts, start=np.zeros(1)))


def _shifted(values: NDArray[Any], low: int, high: int) -> NDArray[np.float64]:
    flat = values.reshape(-1).astype(np.int64) - low
    return np.bincount(flat, minlength=high - low + 1).astype(np.float64)


def _binned(values: NDArray[Any], low: float, high: float, bins: int) -> Histogram:
    width = (high - low) / bins
    if width <= 0 or not np.isfinite(width):
        count = float(sum(np.count_nonzero(np.isfinite(piece)) for piece in slabs(values)))
        return Histogram(np.array([count]), np.array([low]), np.array([high]))
    counts = _summed(_in_bins(piece, low, width, bins) for piece in slabs(values))
    edges = low + width * np.arange(1, bins + 1, dtype=np.float64)
    return Histogram(counts, edges - width / 2, edges)


def _in_bins(values: NDArray[Any], low: float, width: float, bins: int) -> NDArray[np.float64]:
    seen = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
    if not seen.size:
        return np.zeros(bins)
    places = np.subtract(seen, low, dtype=np.float64 if seen.dtype.itemsize > 4 else np.float32)
    places *= 1 / width
    return _counted(np.minimum(places, bins - 0.5, dtype=np.float32), bins)


def _count_bytes(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    kernels = KERNELS.ready()
    if kernels is None:
        return _counted(values, 256)
    flat = np.ascontiguousarray(values).reshape(-1)
    whole = flat.size // 8 * 8
    counts = kernels.count_bytes(flat[:whole].view(np.uint64)).reshape(8, 256).sum(axis=0)
    return np.asarray(counts + np.bincount(flat[whole:], minlength=256), np.float64)


def _counted(values: NDArray[Any], bins: int) -> NDArray[np.float64]:
    """Return how many values lie in [0, 1), [1, 2), ... [bins - 1, bins)."""
    flat = np.ascontiguousarray(values).reshape(values.shape[0], -1)
    return np.asarray(cv2.calcHist([flat], [0], None, [bins], [0, bins]), np.float64).reshape(-1)


def _levels(counts: NDArray[np.float64], first: int) -> Histogram:
    used = np.flatnonzero(counts)
    low, high = int(used[0]), int(used[-1])
    levels = first + np.arange(low, high + 1, dtype=np.float64)
    return Histogram(counts[low : high + 1], levels, levels)

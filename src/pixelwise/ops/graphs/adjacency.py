"""Which regions of a label map touch, and along how much boundary."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Adjacency", "RegionTable", "adjacency", "region_table"]


class Adjacency(NamedTuple):
    """The region adjacency graph of a label map; an edge joins two regions that share a face.

    Args:
        pairs: (E, 2) int32, the two labels, the smaller first, sorted.
        lengths: (E,) float64, faces between pixels of the two (edges, never corners).
        sums: (E,) float64, boundary strength summed over those faces; equal to ``lengths`` when
            no strength was given.
    """

    pairs: NDArray[np.int32]
    lengths: NDArray[np.float64]
    sums: NDArray[np.float64]


class RegionTable(NamedTuple):
    """What is known of each region; row r speaks of label r, row 0 of void.

    Args:
        sizes: (N + 1,) float64, pixels.
        sums: (N + 1, C) float64, values summed over the pixels.
    """

    sizes: NDArray[np.float64]
    sums: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean value of each region, (N + 1, C); 0 for a label that does not occur."""
        return self.sums / np.maximum(self.sizes, 1)[:, np.newaxis]


def adjacency(labels: NDArray[np.int32], strength: NDArray[Any] | None = None) -> Adjacency:
    """Return which regions touch; void (0) touches nothing.

    Args:
        labels: (H, W) or (D, H, W) int32, 0 void, 1.. regions.
        strength: The same size; boundary strength of each pixel. A face has the mean of its
            two pixels.

    >>> graph = adjacency(np.array([[1, 1, 2], [3, 3, 2]], np.int32))
    >>> graph.pairs.tolist(), graph.lengths.tolist()
    ([[1, 2], [1, 3], [2, 3]], [1.0, 2.0, 1.0])
    """
    width = int(labels.max(initial=0)) + 1
    parts = [_faces(labels, strength, axis, width) for axis in range(labels.ndim)]
    keys = np.concatenate([key for key, _ in parts])
    found, inverse = np.unique(keys, return_inverse=True)
    lengths = np.bincount(inverse, minlength=len(found)).astype(np.float64)
    weights = np.concatenate([weight for _, weight in parts])
    sums = lengths if strength is None else _totals(inverse, weights, len(found))
    pairs = np.stack([found // width, found % width], axis=1).astype(np.int32)
    return Adjacency(pairs, lengths, sums)


def _totals(
    keys: NDArray[np.int64], weights: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    return np.asarray(np.bincount(keys, weights, minlength=count), np.float64)


def _faces(
    labels: NDArray[np.int32], strength: NDArray[Any] | None, axis: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return a key and a strength for every face along one axis that parts two regions."""
    before = tuple(slice(None, -1) if k == axis else slice(None) for k in range(labels.ndim))
    after = tuple(slice(1, None) if k == axis else slice(None) for k in range(labels.ndim))
    first, second = labels[before], labels[after]
    parted = (first != second) & (first > 0) & (second > 0)
    low = np.minimum(first[parted], second[parted]).astype(np.int64)
    high = np.maximum(first[parted], second[parted])
    if strength is None:
        return low * width + high, np.zeros(0)
    mean = (strength[before][parted].astype(np.float64) + strength[after][parted]) / 2
    return low * width + high, mean


def region_table(labels: NDArray[np.int32], values: NDArray[Any]) -> RegionTable:
    """Return sizes and sums of values by label.

    Args:
        labels: (H, W) or (D, H, W) int32, 0 void, 1.. regions.
        values: The same size, with a channel axis at the end: (H, W, C) or (D, H, W, C).

    >>> region_table(np.array([[1, 1, 2]]), np.array([[[1.0], [3.0], [5.0]]])).means.tolist()
    [[0.0], [2.0], [5.0]]
    """
    flat = labels.reshape(-1)
    rows = int(flat.max(initial=0)) + 1
    columns = values.reshape(flat.size, -1).T
    sums = [np.bincount(flat, column, minlength=rows) for column in columns]
    sizes = np.bincount(flat, minlength=rows).astype(np.float64)
    return RegionTable(sizes, np.stack(sums, axis=1))

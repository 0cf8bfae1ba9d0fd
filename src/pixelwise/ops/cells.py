"""Counts of labels in the cells of a grid."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["cell_counts"]


def cell_counts(labels: NDArray[np.uint16], cell: int, classes: int) -> NDArray[np.int64]:
    """Return how often each class occurs in each square cell, (rows, columns, classes) int64.

    Args:
        labels: (H, W) uint16; labels from ``classes`` on are not counted.
        cell: Side of a cell; the last ones may be cut.
        classes: Number of classes.

    >>> cell_counts(np.array([[0, 1, 1, 9]], np.uint16), 2, 2).tolist()
    [[[1, 1], [0, 1]]]
    """
    height, width = labels.shape
    counts = np.zeros((-(-height // cell), -(-width // cell), classes), np.int64)
    if COMPILED:
        _count(labels, cell, counts)
        return counts
    column = np.arange(width) // cell * (classes + 1)
    for row in range(counts.shape[0]):
        band = np.minimum(labels[row * cell : (row + 1) * cell], classes)
        found = np.bincount((band + column).ravel(), minlength=counts.shape[1] * (classes + 1))
        counts[row] = found.reshape(counts.shape[1], classes + 1)[:, :classes]
    return counts


@jit
def _count(labels: NDArray[np.uint16], cell: int, counts: NDArray[np.int64]) -> None:
    for y in range(labels.shape[0]):
        row = counts[y // cell]
        for start in range(0, labels.shape[1], cell):
            own = row[start // cell]
            for x in range(start, min(start + cell, labels.shape[1])):
                if labels[y, x] < len(own):
                    own[labels[y, x]] += 1

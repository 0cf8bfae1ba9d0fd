"""Merging of regions that look alike: near in colour, small, and with a weak boundary between."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelwise.ops.graphs.adjacency import adjacency, region_table
from pixelwise.ops.graphs.merging import Cost, absorb_small, cut, merge_tree, merged

__all__ = ["boundary_strength", "merge_alike"]

LIKENESS = Cost(colour=1.0, size=0.15, boundary=1.0)
"""Powers of the cost. Chosen on BSDS500: small regions give way first, strong edges hold."""

USUAL_SIZE = 1000.0
"""Harmonic size in pixels at which the size counts as 1."""

USUAL_STRENGTH = 5.0
"""Strength per pixel at which a boundary counts as 1."""

LEAST_STRENGTH = 0.5
"""Added to every strength, so that no boundary is free."""


def merge_alike(
    labels: NDArray[np.int32], values: NDArray[Any], tolerance: float, min_size: int
) -> NDArray[np.int32]:
    """Merge touching regions, the likest first, as long as they differ less than ``tolerance``.

    Two regions differ by the distance of their mean values times ``(h / 1000) ** 0.15`` times
    ``s / 5``, where ``h = m n / (m + n)`` of their sizes in pixels and s is the mean
    gradient along their boundary in units per pixel. Before, specks below a sixteenth of
    ``min_size`` are absorbed by what they are likest to; after, what is below ``min_size``.

    Args:
        labels: (H, W) or (D, H, W) int32, 1.. regions, 0 void.
        values: The same size and a channel axis, smoothed, in the unit of ``tolerance``.
        tolerance: Difference up to which regions merge.
        min_size: Regions below this many pixels are absorbed.

    Returns:
        labels int32, 1.. without gaps.

    >>> labels = np.array([[1, 1, 2, 2, 3, 3]], np.int32)
    >>> values = np.array([[[0], [0], [1], [1], [50], [50]]], np.float32)
    >>> merge_alike(labels, values, tolerance=5, min_size=1).tolist()
    [[1, 1, 1, 1, 2, 2]]
    """
    strength = boundary_strength(values) + np.float32(LEAST_STRENGTH)
    labels = _absorbed(labels, values, strength, min_size / 16)
    table = region_table(labels, values)
    scale = USUAL_SIZE**LIKENESS.size * USUAL_STRENGTH**LIKENESS.boundary
    merges = merge_tree(adjacency(labels, strength), table, LIKENESS, up_to=tolerance * scale)
    labels = merged(labels, cut(merges, len(table.sizes) - 1, np.inf))
    return _absorbed(labels, values, strength, min_size)


def boundary_strength(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the gradient's length, all channels together, in units per pixel.

    Args:
        values: (H, W, C) or (D, H, W, C).

    >>> boundary_strength(np.float32([[[0], [2], [4]]])).tolist()
    [[1.0, 2.0, 1.0]]
    """
    square = np.zeros(values.shape[:-1], np.float32)
    across = np.array([1.0, 2.0, 1.0]) / 4
    for channel in np.moveaxis(values.astype(np.float32), -1, 0):
        for axis in range(channel.ndim):
            step = ndimage.correlate1d(channel, [-0.5, 0.0, 0.5], axis=axis, mode="nearest")
            for other in range(channel.ndim):
                if other != axis:
                    step = ndimage.correlate1d(step, across, axis=other, mode="nearest")
            square += step**2
    return np.sqrt(square)


def _absorbed(
    labels: NDArray[np.int32],
    values: NDArray[Any],
    strength: NDArray[np.float32],
    min_size: float,
) -> NDArray[np.int32]:
    """Return labels in which regions below ``min_size`` have joined their likest neighbour."""
    table = region_table(labels, values)
    mapping = absorb_small(adjacency(labels, strength), table, LIKENESS, min_size)
    return merged(labels, mapping)

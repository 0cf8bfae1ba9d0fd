"""Markers for flooding: minima and well-separated peaks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from pixelwise.ops.compiled import jit
from pixelwise.ops.components import components

__all__ = ["minima", "peaks"]


def minima(elevation: NDArray[Any]) -> NDArray[np.int32]:
    """Return markers 1.. at the local minima: pixels that no neighbour is lower than.

    Minima that touch, corners included, are one marker.

    Args:
        elevation: (H, W) or (D, H, W).

    >>> minima(np.array([[0, 1, 0]])).tolist()
    [[1, 0, 2]]
    """
    lowest = ndimage.minimum_filter(elevation, 3, mode="nearest")
    return components(np.asarray(elevation == lowest))[0]


def peaks(
    height: NDArray[Any], min_distance: int, mask: NDArray[np.bool_] | None = None
) -> NDArray[np.int32]:
    """Return markers 1.. at peaks, the highest first, no two within ``min_distance``.

    Distance is the greatest step along an axis, and counts only within one part of the mask, so
    that each part has a peak.

    Args:
        height: (H, W) or (D, H, W).
        min_distance: Pixels.
        mask: The same size, bool, where peaks may be. None: everywhere.

    >>> peaks(np.array([[0, 3, 2, 0, 1]]), 2).tolist()
    [[0, 1, 0, 0, 2]]
    """
    mask = np.ones(height.shape, bool) if mask is None else mask
    inside = np.where(mask, height, -np.inf)
    tops = components((inside == ndimage.maximum_filter(inside, 3, mode="nearest")) & mask)[0]
    markers = np.zeros(height.shape, np.int32)
    if not tops.any():
        return markers
    numbers, first = np.unique(tops.reshape(-1), return_index=True)
    first = first[numbers > 0]
    first = first[np.argsort(-height.reshape(-1)[first], kind="stable")]
    parts = components(mask)[0].reshape(-1)[first]
    places = np.stack(np.unravel_index(first, height.shape), axis=1)
    pairs = KDTree(places).query_pairs(min_distance, p=np.inf, output_type="ndarray")
    pairs = pairs[parts[pairs[:, 0]] == parts[pairs[:, 1]]]
    keep = _spaced(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], len(places))
    kept = first[keep]
    markers.reshape(-1)[kept] = np.arange(1, len(kept) + 1)
    return markers


@jit
def _spaced(pairs: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return which items stay when each one that stays drives out later ones paired with it."""
    keep = np.ones(count, np.bool_)
    for earlier, later in pairs:
        if keep[earlier]:
            keep[later] = False
    return keep

"""Exact distances from points to the nearest set voxel, quick where that is near.

Voxels around a point are looked at in the order of their distance; the few points that find
nothing among the nearest thousands ask a tree of all points.
"""

from functools import lru_cache

import edt
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["nearest_distances"]

_LOOKS = 4096
"""Voxels looked at around a point; 10 voxels far in a volume, 36 pixels in a picture."""


def nearest_distances(
    points: NDArray[np.bool_], target: NDArray[np.bool_], spacing: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return how far each set voxel of ``points`` is from the nearest one of ``target``.

    Args:
        points: (H, W) or (D, H, W) bool.
        target: The same shape, with one set voxel or more.
        spacing: Size of a voxel along each axis.

    Returns:
        (N,) float64 in raster order, in the unit of the spacing.

    >>> nearest_distances(np.array([[1, 1, 0]], bool), np.array([[0, 0, 1]], bool), (1.0, 2.0))
    array([4., 2.])
    """
    if not COMPILED:
        squared = edt.edtsq(~target, anisotropy=spacing, black_border=False, parallel=1)
        return np.sqrt(squared[points], dtype=np.float64)
    steps, distance, reach = _around(spacing)
    padded = np.pad(target, [(side, side) for side in reach])
    where = np.argwhere(points)
    strides = np.array(padded.strides)  # of bytes, which are voxels here
    base = (where + reach) @ strides
    found = np.empty(len(where))
    _look(padded.reshape(-1), base, steps @ strides, distance, found)
    far = np.flatnonzero(found < 0)
    if far.size:
        tree = cKDTree(np.argwhere(target) * spacing)
        found[far] = tree.query(where[far] * spacing)[0]
    return found


@lru_cache(maxsize=8)
def _around(
    spacing: tuple[float, ...],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the steps to the nearest voxels, their distances, and the reach along each axis."""
    axes, volume = len(spacing), float(np.prod(spacing))
    ball = {2: np.pi, 3: 4 / 3 * np.pi}[axes]
    radius = (_LOOKS * volume / ball) ** (1 / axes)
    reach = np.maximum(np.floor(radius / np.array(spacing)), 0).astype(np.int64)
    steps = np.indices(tuple(2 * reach + 1)).reshape(axes, -1).T - reach
    distance = np.sqrt(((steps * spacing) ** 2).sum(axis=1))
    near = np.flatnonzero(distance <= radius)
    order = near[np.argsort(distance[near], kind="stable")]
    return steps[order], distance[order], reach


@jit
def _look(
    target: NDArray[np.bool_],
    base: NDArray[np.int64],
    steps: NDArray[np.int64],
    distance: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    for point in range(base.size):
        found[point] = -1.0
        for step in range(steps.size):
            if target[base[point] + steps[step]]:
                found[point] = distance[step]
                break

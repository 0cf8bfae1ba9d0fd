"""Surfaces of masks: area, triangles, largest diameter."""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError, SphericalVoronoi
from scipy.spatial.distance import pdist
from skimage.measure import marching_cubes

__all__ = ["Calliper", "Crossings", "diameters", "surface_area", "triangles"]

STEPS = np.array([step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)])
"""The 13 lines through a voxel and its neighbours."""
FEW = 3000
"""Points whose distances are all looked at; more are reduced to their convex hull first."""


def surface_area(mask: NDArray[np.bool_], spacing: tuple[float, ...]) -> float:
    """Return the area of the surface of a mask, by Cauchy's and Crofton's formula.

    Lines in 13 directions are laid through the voxels, and their crossings of the surface are
    counted: no stairs, unlike the sum of voxel faces (50 % too much on a ball) or of marching
    cubes on a mask (9 % too much).

    Args:
        mask: (D, H, W) bool; what touches the border ends there.
        spacing: Size of a voxel along each axis.

    Returns:
        The area in the square of the unit; within 2 % on balls of 5 voxels and more.

    Source:
        J. Ohser, F. Muecklich, "Statistical Analysis of Microstructures in Materials Science",
        Wiley 2000, section 5.2.

    >>> bool(abs(surface_area(np.ones((40, 40, 40), bool), (1, 1, 1)) / 9600 - 1) < 0.1)
    True
    """
    crossings = Crossings()
    crossings.take(mask)
    return crossings.area(spacing)


class Crossings:
    """Counts what :func:`surface_area` needs, of a mask that comes a slab at a time."""

    def __init__(self) -> None:
        self._counts = np.zeros(len(STEPS), np.int64)
        self._last: NDArray[np.bool_] | None = None

    def take(self, mask: NDArray[np.bool_]) -> None:
        """Add the next slab (d, H, W)."""
        slab = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
        last = np.zeros_like(slab[:1]) if self._last is None else self._last
        self._count(last, slab)
        self._last = slab[-1:].copy()

    def area(self, spacing: tuple[float, ...]) -> float:
        """Return the area when all slabs were taken."""
        if self._last is not None:
            self._count(self._last, np.zeros_like(self._last))
            self._last = None
        lengths = np.linalg.norm(STEPS * np.asarray(spacing), axis=1)
        weights = _weights(tuple(float(step) for step in spacing))
        return float(2 * np.prod(spacing) * (weights * self._counts / lengths).sum())

    def _count(self, last: NDArray[np.bool_], slab: NDArray[np.bool_]) -> None:
        """Count within a slab, and between it and the slice before."""
        both = np.concatenate([last, slab])
        if not both.any():
            return
        for number, step in enumerate(STEPS):
            self._counts[number] += _crossings(both if step[0] else slab, step)


def triangles(
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the surface of a mask as triangles that face outwards, closed at the border.

    Args:
        mask: (D, H, W) bool.

    Returns:
        corners (N, 3) float32 as z, y, x in voxels, and (M, 3) int32 indices of three corners.
        Both are empty for an empty mask.
    """
    if not mask.any():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    padded = np.pad(mask, 1).astype(np.float32)
    corners, faces, _, _ = marching_cubes(padded, 0.5, gradient_direction="ascent")
    return (corners - 1).astype(np.float32), faces.astype(np.int32)


def diameters(mask: NDArray[np.bool_], spacing: tuple[float, ...]) -> tuple[float, float]:
    """Return the largest diameter within one slice, and the largest in space.

    Both run between outer corners of voxels, as a calliper on the screen would. The first is what
    RECIST measures on axial slices.

    Args:
        mask: (D, H, W) bool.
        spacing: Size of a voxel along each axis.

    Returns:
        Two lengths in the unit of the spacing; 0, 0 for an empty mask.

    >>> diameters(np.ones((1, 3, 4), bool), (1.0, 1.0, 1.0))[0]
    5.0
    """
    calliper = Calliper(spacing)
    calliper.take(mask)
    return calliper.diameters()


class Calliper:
    """Measures what :func:`diameters` gives, of a mask that comes a slab at a time.

    Args:
        spacing: Size of a voxel along each axis.
    """

    def __init__(self, spacing: tuple[float, ...]) -> None:
        self._spacing = spacing
        self._depth, self._widest = 0, 0.0
        self._rims: list[NDArray[np.float64]] = []

    def take(self, mask: NDArray[np.bool_]) -> None:
        """Add the next slab (d, H, W)."""
        step_z, step_y, step_x = self._spacing
        for number in np.flatnonzero(mask.any(axis=(1, 2))):
            rim = _rim(mask[number]) * (step_x, step_y)
            self._widest = max(self._widest, float(pdist(rim).max()))
            middle = self._depth + number
            faces = ((middle - 0.5) * step_z, (middle + 0.5) * step_z)
            self._rims += [np.column_stack([rim, np.full(len(rim), z)]) for z in faces]
        self._depth += len(mask)

    def diameters(self) -> tuple[float, float]:
        """Return the largest within one slice, and the largest in space."""
        return self._widest, _longest(np.concatenate(self._rims)) if self._rims else 0.0


def _rim(plane: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the convex hull of the pixels' corners, (N, 2) x y."""
    rows = np.flatnonzero(plane.any(axis=1))
    first = plane[rows].argmax(axis=1)
    last = plane.shape[1] - plane[rows, ::-1].argmax(axis=1)
    corners = [(x, y + up) for x in (first, last) for y, up in ((rows, 0), (rows, 1))]
    points = np.concatenate([np.column_stack(pair) for pair in corners]).astype(np.int32)
    return np.asarray(cv2.convexHull(points)[:, 0, :], np.float64)


def _longest(points: NDArray[np.float64]) -> float:
    if len(points) > FEW:
        try:
            points = points[ConvexHull(points).vertices]
        except QhullError:  # flat: the hull of a plane is that of its outermost slice
            points = points[:: max(1, len(points) // FEW)]
    return float(pdist(points).max())


def _crossings(padded: NDArray[np.bool_], step: NDArray[np.int64]) -> int:
    """Return how often the mask begins or ends along lines of that step."""
    moves = list(zip(step, padded.shape, strict=True))
    here = tuple(slice(max(-move, 0), side - max(move, 0)) for move, side in moves)
    there = tuple(slice(max(move, 0), side - max(-move, 0)) for move, side in moves)
    return int(np.count_nonzero(padded[here] != padded[there]))


def _weights(spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the share of all directions that each of the 13 lines stands for."""
    lines = STEPS * np.asarray(spacing)
    ends = lines / np.linalg.norm(lines, axis=1)[:, np.newaxis]
    areas = SphericalVoronoi(np.concatenate([ends, -ends])).calculate_areas()
    return np.asarray(2 * areas[: len(ends)] / areas.sum())

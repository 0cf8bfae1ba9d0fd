"""Distances between surfaces: Hausdorff, its 95th percentile, and surface Dice.

A surface is the pixels (voxels) of a mask with a face towards its outside; distances are in the
unit of the picture's spacing. Equal to MONAI's.

Source:
    S. Nikolov et al., "Deep learning to achieve clinically applicable segmentation of head and
    neck anatomy for radiotherapy", 2018 (surface Dice).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Result
from pixelwise.evaluation.boundaries import class_masks
from pixelwise.evaluation.metric import (
    LENGTH,
    Array,
    Better,
    CountFamily,
    Family,
    Metric,
    Truth,
    ratio,
)
from pixelwise.evaluation.nearest import nearest_distances
from pixelwise.evaluation.pixels import ClassPixels

__all__ = [
    "HAUSDORFF",
    "HD95",
    "SURFACE_DICE",
    "Surfaces",
    "hausdorff_distance",
    "surface_dice",
    "surface_dice_at",
    "surface_distances",
]


class Surfaces(CountFamily):
    """Measures the surfaces of each class in each picture.

    Args:
        tolerance: Greatest distance at which surfaces agree, in the unit of the spacing.
    """

    def __init__(self, tolerance: float = 1.0) -> None:
        super().__init__()
        self._tolerance = tolerance

    def classes_of(self, truth: Truth) -> tuple[str, ...]:
        """Return the names of the classes."""
        return ClassPixels().classes_of(truth)

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return Hausdorff, its 95th percentile, surface Dice and 1 for each class there is."""
        rows, seen = [], []
        for first, second in class_masks(truth, result):
            seen.append(bool(first.any()))
            rows.append(self._row(first, second, result.space.spacing))
        return np.array(rows, np.float64), np.array(seen, bool)

    def _row(
        self, truth: NDArray[np.bool_], mask: NDArray[np.bool_], spacing: tuple[float, ...]
    ) -> tuple[float, float, float, float]:
        if not truth.any() and not mask.any():
            return (0.0, 0.0, 0.0, 0.0)
        if not truth.any() or not mask.any():
            diagonal = float(np.linalg.norm(np.multiply(truth.shape, spacing)))
            return (diagonal, diagonal, 0.0, 1.0)
        there, back = surface_distances(truth, mask, spacing)
        return (
            max(float(there.max()), float(back.max())),
            max(float(np.percentile(there, 95)), float(np.percentile(back, 95))),
            _agreement(there, back, self._tolerance),
            1.0,
        )


def hausdorff_distance(
    truth: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    spacing: tuple[float, ...] | None = None,
    *,
    percentile: float = 100.0,
) -> float:
    """Return the Hausdorff distance, or a percentile of it, the greater of both directions.

    Args:
        truth: (H, W) or (D, H, W) bool.
        mask: The same shape.
        spacing: Size of a pixel along each axis; None: 1.
        percentile: 95 for the usual robust distance.

    Returns:
        A distance in the unit of the spacing; NaN where both are empty, infinity where one is.

    >>> hausdorff_distance(np.array([[1, 0, 0, 0]], bool), np.array([[0, 0, 0, 1]], bool))
    3.0
    """
    if not truth.any() or not mask.any():
        return float("inf") if truth.any() or mask.any() else float("nan")
    both = surface_distances(truth, mask, spacing or (1.0,) * truth.ndim)
    return max(float(np.percentile(part, percentile)) for part in both)


def surface_dice(
    truth: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    tolerance: float,
    spacing: tuple[float, ...] | None = None,
) -> float:
    """Return the share of both surfaces that lies within ``tolerance`` of the other one.

    Returns:
        0..1; NaN where both masks are empty, 0 where one is.
    """
    if not truth.any() or not mask.any():
        return 0.0 if truth.any() or mask.any() else float("nan")
    there, back = surface_distances(truth, mask, spacing or (1.0,) * truth.ndim)
    return _agreement(there, back, tolerance)


def surface_distances(
    truth: NDArray[np.bool_], mask: NDArray[np.bool_], spacing: tuple[float, ...]
) -> tuple[Array, Array]:
    """Return how far each surface pixel of either mask is from the surface of the other.

    Returns:
        (N,) float64 from the truth to the mask, and (M,) float64 back, in the spacing's unit.
    """
    window = _window(truth | mask)
    first, second = _surface(truth[window]), _surface(mask[window])
    return nearest_distances(first, second, spacing), nearest_distances(second, first, spacing)


def _surface(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask that a face parts from its outside or the array's end."""
    padded = np.pad(mask, 1)
    core = (slice(1, -1),) * mask.ndim
    inside = mask.copy()
    for axis in range(mask.ndim):
        for side in (slice(None, -2), slice(2, None)):
            inside &= padded[(*core[:axis], side, *core[axis + 1 :])]
    return mask & ~inside


def _agreement(there: Array, back: Array, tolerance: float) -> float:
    near = np.count_nonzero(there <= tolerance) + np.count_nonzero(back <= tolerance)
    return float(near / (len(there) + len(back)))


def _window(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    spans = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        filled = np.flatnonzero(mask.any(axis=others))
        spans.append(slice(int(filled[0]), int(filled[-1]) + 1))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class _SurfacesAt:
    """Makes the family with a tolerance; equal tolerances are one family."""

    tolerance: float

    def __call__(self) -> Family:
        return Surfaces(self.tolerance)


def surface_dice_at(tolerance: float) -> Metric:
    """Return surface Dice with a tolerance in the unit of the spacing.

    >>> surface_dice_at(2.0).name
    'surface_dice'
    """
    return _metric(
        "surface_dice",
        _SurfacesAt(tolerance),
        lambda sums: ratio(sums[..., 2], sums[..., 3]),
        f"Share of both surfaces within {tolerance:g} {LENGTH} of the other; mean of pictures.",
    )


def _metric(
    name: str, family: Callable[[], Family], rule: Callable[[Array], Array], text: str
) -> Metric:
    better = Better.HIGHER if name == "surface_dice" else Better.LOWER
    unit = "" if name == "surface_dice" else LENGTH
    return Metric(name=name, family=family, per_class=rule, rule=text, better=better, unit=unit)


_MISSING = "a picture in which only one has the class counts its diagonal; mean of pictures."
HAUSDORFF = _metric(
    "hausdorff",
    _SurfacesAt(1.0),
    lambda sums: ratio(sums[..., 0], sums[..., 3]),
    f"Greatest distance between the surfaces; {_MISSING}",
)
HD95 = _metric(
    "hd95",
    _SurfacesAt(1.0),
    lambda sums: ratio(sums[..., 1], sums[..., 3]),
    f"95th percentile of the distances between the surfaces; {_MISSING}",
)
SURFACE_DICE = surface_dice_at(1.0)

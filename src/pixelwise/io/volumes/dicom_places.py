"""Where the slices of a series lie, and whether they make an even stack."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from pixelwise.errors import InputError

__all__ = ["Stack", "stack_of", "upright_stack"]

UNEVEN = 0.02
"""Share of the usual step by which a step may differ; scanners round positions to 0.01 mm."""
TILTED = 0.005
"""Share of a step that may lead sideways: half a per cent is 0.3 degrees."""
SAME_PLACE_MM = 1e-3


@dataclass(frozen=True, eq=False)
class Stack:
    """The order and the grid of a series.

    Args:
        order: Index of each slice in the order of positions along the normal.
        affine: (4, 4), column, row and slice number to LPS millimetres, by the first and last.
        places: (D,) position of each slice along the normal in mm, ascending.
        sideways: (D, 2) how far each slice is moved within its plane, in mm along the row's and
            the column's direction, against the first.
        fault: What keeps it from being an even, upright stack; empty: nothing.
    """

    order: tuple[int, ...]
    affine: NDArray[np.float64]
    places: NDArray[np.float64]
    sideways: NDArray[np.float64]
    fault: str = ""


def stack_of(slices: Sequence[Dataset]) -> Stack:
    """Return the stack that slices of equal orientation make.

    Raises:
        InputError: Positions are missing, or repeat.
    """
    across, down = _directions(slices[0])
    normal = np.cross(across, down)
    corners = np.array([_corner(row, len(slices)) for row in slices])
    along = corners @ normal
    order = np.argsort(along, kind="stable")
    corners, along = corners[order], along[order]
    steps = np.diff(along)
    if len(steps) and steps.min() < SAME_PLACE_MM:
        said = f"{int((steps < SAME_PLACE_MM).sum())} slices lie where another one lies"
        raise InputError(f"{said}: several phases or copies; split them", reason="duplicate")
    _check_numbers(slices)
    affine = np.eye(4)
    gap = np.array(slices[0].get("PixelSpacing", (1.0, 1.0)), float)
    affine[:3, 0], affine[:3, 1] = across * gap[1], down * gap[0]
    affine[:3, 2] = _step(corners) if len(steps) else normal * _thick(slices)
    affine[:3, 3] = corners[0]
    moved = corners - corners[0]
    sideways = np.stack([moved @ across, moved @ down], axis=1)
    fault = _fault(steps, sideways)
    return Stack(tuple(int(place) for place in order), affine, along, sideways, fault)


def _step(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the step from slice to slice; positions are decimal numbers, and so is their step."""
    return np.asarray(np.round((corners[-1] - corners[0]) / (len(corners) - 1), 9))


def _directions(dataset: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cosines = dataset.get("ImageOrientationPatient")
    if cosines is None or len(cosines) != 6:
        return np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    six = np.array(cosines, float)
    lengths = np.linalg.norm(six.reshape(2, 3), axis=1)
    if not np.isfinite(six).all() or lengths.min() < 0.5 or abs(six[:3] @ six[3:]) > 1e-2:
        raise InputError("ImageOrientationPatient holds no two directions at right angles")
    return six[:3] / lengths[0], six[3:] / lengths[1]


def _corner(dataset: Dataset, count: int) -> NDArray[np.float64]:
    corner = dataset.get("ImagePositionPatient")
    if corner is None and count == 1:
        return np.zeros(3)
    if corner is None or len(corner) != 3:
        raise InputError("a slice has no ImagePositionPatient, so that it cannot be sorted")
    return np.array(corner, float)


def _check_numbers(slices: Sequence[Dataset]) -> None:
    numbers = Counter(row.get("InstanceNumber") for row in slices)
    numbers.pop(None, None)
    repeated = [number for number, times in numbers.items() if times > 1]
    if repeated:
        said = f"InstanceNumber repeats in {len(repeated)} cases: slices of several stacks"
        raise InputError(f"{said}; split them", reason="duplicate")


def _thick(slices: Sequence[Dataset]) -> float:
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        value = slices[0].get(keyword)
        if value is not None and float(value) > 0:
            return float(value)
    return 1.0


def _fault(steps: NDArray[np.float64], sideways: NDArray[np.float64]) -> str:
    if not len(steps):
        return ""
    usual = float(np.median(steps))
    drift = np.abs(np.diff(sideways, axis=0)).max(axis=1)
    if (drift > TILTED * usual).any():
        angle = np.degrees(np.arctan2(drift.max(), usual))
        return f"the slices lean by {angle:.1f} degrees against their stack: a tilted gantry"
    odd = np.abs(steps - usual) > UNEVEN * usual
    if odd.any():
        return (
            f"the steps between slices range from {steps.min():.3g} to {steps.max():.3g} mm: "
            "slices are missing or uneven"
        )
    return ""


def upright_stack(
    voxels: NDArray[np.generic], affine: NDArray[np.float64]
) -> tuple[NDArray[np.generic], NDArray[np.float64]]:
    """Return frames so that they ascend along the normal, and the matrix for (i, j, k, 1).

    Args:
        voxels: (D, H, W, ...), as highdicom orders them.
        affine: (4, 4), its matrix for (k, j, i, 1), in LPS.
    """
    turned = affine[:, [2, 1, 0, 3]].copy()
    normal = np.cross(turned[:3, 0], turned[:3, 1])
    if turned[:3, 2] @ normal < 0:
        turned[:3, 3] += turned[:3, 2] * (len(voxels) - 1)
        turned[:3, 2] *= -1
        voxels = voxels[::-1]
    return np.ascontiguousarray(voxels), turned

"""Where and when pixels lie."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, prod

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["Space", "Ties", "Unit"]

Matrix = tuple[tuple[float, ...], ...]


class Unit(StrEnum):
    """The unit of a spacing."""

    PIXEL = "px"
    MILLIMETRE = "mm"
    METRE = "m"
    DEGREE = "deg"


@dataclass(frozen=True, slots=True)
class Ties:
    """How a picture that was not brought to a map yet hangs on the ground.

    Args:
        points: Ground control points: row and column in pixels, x, y and z in the world.
        crs: The reference system of those, as WKT. None: unknown.
        rpcs: Rational polynomial coefficients: names and texts of GDAL's tags.
    """

    points: tuple[tuple[float, float, float, float, float], ...] = ()
    crs: str | None = None
    rpcs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """The place of a picture in the world; it travels with the pixels from reader to writer.

    Args:
        spacing: Size of one pixel along each array axis: (y, x), or (z, y, x) for volumes.
        unit: Unit of the spacing.
        affine: Matrix that takes pixel indices to world coordinates: 3x3 for (x, y, 1) of a map,
            4x4 for (i, j, k, 1) of a volume in its file's axis order. None: unknown.
        crs: Coordinate reference system, as WKT or ``EPSG:<code>``. None: unknown.
        time_s: Seconds from the start of the recording. None: a still picture.
        ties: What stands for the place of a picture from above that was not brought to a map.

    Raises:
        InputError: A spacing is not positive and finite, or the affine is not square.

    >>> Space((0.5, 0.5), Unit.METRE).area_of(8)
    2.0
    """

    spacing: tuple[float, ...] = (1.0, 1.0)
    unit: Unit = Unit.PIXEL
    affine: Matrix | None = None
    crs: str | None = None
    time_s: float | None = None
    ties: Ties | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "spacing", tuple(float(step) for step in self.spacing))
        object.__setattr__(self, "unit", Unit(self.unit))
        if len(self.spacing) not in (2, 3):
            raise InputError(f"spacing must have 2 or 3 numbers, not {len(self.spacing)}")
        if not all(isfinite(step) and step > 0 for step in self.spacing):
            raise InputError(f"spacing must be positive and finite, not {self.spacing}")
        if self.affine is not None:
            object.__setattr__(self, "affine", _matrix(self.affine))

    @property
    def matrix(self) -> NDArray[np.float64] | None:
        """The affine as an array, (3, 3) or (4, 4) float64, or None."""
        return None if self.affine is None else np.array(self.affine, dtype=np.float64)

    def area_of(self, pixels: float) -> float:
        """Return the area of ``pixels`` pixels in the square of the unit.

        Raises:
            InputError: The unit is degrees, whose area depends on the latitude.
        """
        if self.unit is Unit.DEGREE:
            raise InputError("pixels in degrees have no fixed area; project the map first")
        return float(pixels * self.spacing[-2] * self.spacing[-1])

    def volume_of(self, voxels: float) -> float:
        """Return the volume of ``voxels`` voxels in the cube of the unit (1000 mm³ are 1 mL).

        Raises:
            InputError: The space has two axes.
        """
        if len(self.spacing) != 3:
            raise InputError("a picture has no volume; its spacing has two axes")
        return float(voxels * prod(self.spacing))


def _matrix(rows: Matrix) -> Matrix:
    matrix = np.asarray(rows, dtype=np.float64)
    if matrix.shape not in ((3, 3), (4, 4)):
        raise InputError(f"affine must be 3x3 or 4x4, not {matrix.shape}")
    return tuple(tuple(float(value) for value in row) for row in matrix)

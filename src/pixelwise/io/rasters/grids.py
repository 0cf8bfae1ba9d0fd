"""Where a grid lies, and what its nodata value means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Interleaving, MaskFlags
from rasterio.transform import Affine

from pixelwise.core import Space, Unit
from pixelwise.ops.windows import Window

__all__ = ["Grid", "Ties", "fits", "holds", "is_sparse", "placed", "space_of", "transform_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """How a picture that was not brought to a map yet hangs on the ground.

    Args:
        points: Ground control points, as rasterio has them.
        crs: The reference system of those.
        rpcs: Rational polynomial coefficients, as GDAL's tags.
    """

    points: tuple[Any, ...] = ()
    crs: Any = None
    rpcs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Any) -> "Ties":  # noqa: ANN401 - rasterio's
        """Return those of an open file."""
        points, crs = source.gcps
        return cls(tuple(points), crs, source.tags(ns="RPC"))

    def put(self, target: Any) -> None:  # noqa: ANN401 - rasterio's
        """Write them to a file that has no affine transform."""
        if self.points:
            target.gcps = (list(self.points), self.crs)
        if self.rpcs:
            target.update_tags(ns="RPC", **self.rpcs)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Size and place of a raster.

    Args:
        size: (height, width).
        space: Its place in the world.
        ties: What stands for a place that it has not.
    """

    size: tuple[int, int]
    space: Space
    ties: Ties = field(default_factory=Ties)


def space_of(transform: Any, crs: Any) -> Space:  # noqa: ANN401 - rasterio's
    """Return the place of a grid: spacing in metres or degrees, affine and CRS as they are."""
    if transform.is_identity and crs is None:
        return Space()
    affine = tuple(tuple(transform)[row : row + 3] for row in (0, 3, 6))
    spacing = (hypot(transform.b, transform.e), hypot(transform.a, transform.d))
    unit, factor = Unit.PIXEL, 1.0
    if crs is not None:
        unit = Unit.DEGREE if crs.is_geographic else Unit.METRE
        factor = 1.0 if crs.is_geographic else float(crs.linear_units_factor[1])
    name = None if crs is None else crs.to_wkt()
    return Space((spacing[0] * factor, spacing[1] * factor), unit, affine, name)


def holds(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    """Return where values are the nodata value; one that the dtype cannot hold occurs nowhere."""
    if nodata is None or not fits(nodata, values.dtype):
        return np.zeros(values.shape, bool)
    if np.isnan(nodata):
        return np.isnan(values)
    return np.equal(values, np.asarray(nodata).astype(values.dtype))


def fits(nodata: float, dtype: np.dtype[Any]) -> bool:
    """Whether a dtype can hold the nodata value."""
    if dtype.kind == "f":
        return True
    return bool(np.isfinite(nodata)) and np.iinfo(dtype).min <= nodata <= np.iinfo(dtype).max


def transform_of(space: Space) -> Any:  # noqa: ANN401 - rasterio's affine
    """Return GDAL's transform of a space."""
    return Affine.identity() if space.affine is None else Affine(*space.affine[0], *space.affine[1])


def placed(space: Space, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Return x and y in the world of pixels' corners; the pixels where there is no affine."""
    if space.affine is None:
        return columns, rows
    (a, b, c), (d, e, f) = space.affine[:2]
    return a * columns + b * rows + c, d * columns + e * rows + f


def is_sparse(one: Any, window: Window) -> bool:  # noqa: ANN401 - rasterio's
    """Whether no block of a window was ever written to a file, so that it is nodata."""
    if one.driver != "GTiff" or MaskFlags.nodata not in one.mask_flag_enums[0]:
        return False
    rows, columns = one.block_shapes[0]
    return not any(
        one.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=band)
        for y in range(window.top // rows, -(-window.bottom // rows))
        for x in range(window.left // columns, -(-window.right // columns))
        for band in one.indexes[: 1 if one.interleaving is Interleaving.pixel else None]
    )

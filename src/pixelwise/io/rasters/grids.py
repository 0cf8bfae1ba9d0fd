"""Where a grid lies, and what its nodata value means."""

from dataclasses import dataclass, replace
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import Interleaving, MaskFlags
from rasterio.transform import Affine

from pixelwise.core import Space, Ties, Unit
from pixelwise.ops.windows import Window

__all__ = [
    "Grid",
    "fits",
    "holds",
    "is_sparse",
    "placed",
    "put_space",
    "space_in",
    "space_of",
    "transform_of",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Size and place of a raster.

    Args:
        size: (height, width).
        space: Its place in the world.
    """

    size: tuple[int, int]
    space: Space


def space_in(source: Any) -> Space:  # noqa: ANN401 - rasterio's
    """Return the place of an open file, with what ties it to the ground where it has none."""
    points, crs = source.gcps
    ties = Ties(
        tuple((one.row, one.col, one.x, one.y, one.z or 0.0) for one in points),
        crs.to_wkt() if points and crs else None,
        tuple(sorted(source.tags(ns="RPC").items())),
    )
    return replace(space_of(source.transform, source.crs), ties=None if ties == Ties() else ties)


def put_space(target: Any, space: Space) -> None:  # noqa: ANN401 - rasterio's
    """Write a place to a file that is open for writing."""
    if space.crs is not None:
        target.crs = CRS.from_string(space.crs)
    if space.affine is not None:
        target.transform = transform_of(space)
    ties = space.ties or Ties()
    if ties.points:
        points = [GroundControlPoint(*point) for point in ties.points]
        target.gcps = points, None if ties.crs is None else CRS.from_string(ties.crs)
    if ties.rpcs:
        target.update_tags(ns="RPC", **dict(ties.rpcs))


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

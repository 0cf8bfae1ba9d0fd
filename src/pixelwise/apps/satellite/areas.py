"""True areas on the ellipsoid, whatever the projection of the map is."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from pixelwise.core import Legend, Space
from pixelwise.errors import InputError
from pixelwise.io.rasters.grids import placed
from pixelwise.ops.cells import cell_counts
from pixelwise.ops.windows import Window

__all__ = ["ClassArea", "Ground", "class_areas", "table_csv"]

Floats = NDArray[np.float64]
CELL, LEAST_CELLS = 128, 64
"""Largest cell, in pixels, that one number stands for, and how many there are at least a side."""
WIDE = 7e6
"""Maps that reach farther from their middle, in metres, are measured cylindrically."""
HECTARE = 1e4


@dataclass(frozen=True, slots=True)
class ClassArea:
    """One class of a map.

    Args:
        label: Its number.
        name: Its name.
        pixels: How many.
        share: Of what has a class, 0..1: of its true area, of its pixels where that is not known.
        hectares: True area; None where the map has no place in the world.
    """

    label: int
    name: str
    pixels: int
    share: float
    hectares: float | None


class Ground:
    """Measures true areas by an equal-area projection on the map's own ellipsoid.

    Projected maps are measured in Lambert's azimuthal projection around their middle, wide maps
    and those in degrees in the cylindrical one, in which meridians and parallels stay straight.
    Both keep areas exactly; what is left is that the sides of a cell are taken as straight.

    Args:
        space: With a coordinate reference system.
        size: (height, width) of the map.
    """

    def __init__(self, space: Space, size: tuple[int, int]) -> None:
        self._space = space
        self.size = size
        crs = pyproj.CRS.from_user_input(space.crs)
        geodetic = crs.geodetic_crs or crs
        self._to_degrees = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
        ellipsoid = crs.get_geod()
        if ellipsoid is None:
            raise InputError("the reference system of the map has no ellipsoid: areas are unknown")
        earth = f"+a={ellipsoid.a} +b={ellipsoid.b}"
        wide = crs.is_geographic or self._reach(ellipsoid) > WIDE
        lon0, lat0 = (float(one) for one in self._degrees(*self._middle))
        name = f"+proj=cea +lon_0={lon0}" if wide else f"+proj=laea +lon_0={lon0} +lat_0={lat0}"
        self._equal = pyproj.Proj(f"{name} {earth} +units=m +over")

    def cells(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
        """Return the area in m² of every cell between edges, (rows - 1, columns - 1) float64."""
        x, y = self.placed(*np.meshgrid(columns.astype(float), rows.astype(float)))
        across = (x[1:, 1:] - x[:-1, :-1]) * (y[1:, :-1] - y[:-1, 1:])
        along = (x[1:, :-1] - x[:-1, 1:]) * (y[1:, 1:] - y[:-1, :-1])
        return np.abs(across - along) / 2

    def polygons(self, shapes: NDArray[Any]) -> Floats:
        """Return the areas in m² of polygons in pixels."""
        placed = shapely.transform(shapes, lambda at: np.stack(self.placed(*at.T), axis=1))
        return np.asarray(shapely.area(placed))

    def placed(self, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Return pixels' corners in the equal-area projection, in metres."""
        longitude, latitude = self._degrees(columns, rows)
        x, y = self._equal(longitude, latitude)
        return np.asarray(x), np.asarray(y)

    def _degrees(self, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        x, y = placed(self._space, columns, rows)
        longitude, latitude = self._to_degrees.transform(x, y)
        return np.asarray(longitude), np.asarray(latitude)

    @property
    def _middle(self) -> tuple[Floats, Floats]:
        return np.array(self.size[1] / 2), np.array(self.size[0] / 2)

    def _reach(self, geod: pyproj.Geod) -> float:
        """Return how far the farthest point of the map is from its middle, in metres."""
        rows, columns = (np.linspace(0, side, 9) for side in self.size)
        longitude, latitude = self._degrees(*np.meshgrid(columns, rows))
        lon0, lat0 = (np.broadcast_to(one, longitude.shape) for one in self._degrees(*self._middle))
        seen = np.isfinite(longitude) & np.isfinite(latitude)
        away = geod.inv(lon0[seen], lat0[seen], longitude[seen], latitude[seen])[2]
        return float(np.max(away, initial=0.0))


def class_areas(
    strips: Iterable[tuple[Window, NDArray[Any]]],
    legend: Legend,
    ground: Ground | None,
    size: tuple[int, int],
) -> list[ClassArea]:
    """Return pixels, share and area of every class of the legend.

    Args:
        strips: Whole rows of labels, top to bottom, each a multiple of :func:`cell_side` high.
        legend: What the labels mean.
        ground: Measures areas; None: there are none.
        size: (height, width) of the map.
    """
    cell, count = cell_side(size), int(legend.ids.max()) + 1
    pixels, metres = np.zeros(count, np.int64), np.zeros(count)
    for window, labels in strips:
        if (labels == legend.void).all():
            continue
        counts = cell_counts(labels.astype(np.uint16, copy=False), cell, count)
        pixels += counts.sum(axis=(0, 1))
        if ground is None or not counts.any():
            continue
        rows = _edges(window.top, window.bottom, cell)
        columns = _edges(window.left, window.right, cell)
        each = ground.cells(rows, columns)
        each /= np.diff(rows)[:, np.newaxis] * np.diff(columns)
        metres += np.einsum("yxc,yx->c", counts, each)
    sizes = pixels if ground is None else metres
    total = sizes[legend.ids].sum() or 1
    return [
        ClassArea(
            row.id,
            row.name,
            int(pixels[row.id]),
            float(sizes[row.id] / total),
            None if ground is None else float(metres[row.id] / HECTARE),
        )
        for row in legend
    ]


def cell_side(size: tuple[int, int]) -> int:
    """Return the side of the cells whose pixels count as equally large."""
    return int(np.clip(min(size) // LEAST_CELLS, 1, CELL))


def table_csv(rows: Sequence[ClassArea]) -> str:
    """Return the table as CSV with a line of names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", "class", "pixels", "share_percent", "area_ha"])
    for row in rows:
        area = "" if row.hectares is None else f"{row.hectares:.6f}"
        writer.writerow([row.label, row.name, row.pixels, f"{row.share * 100:.4f}", area])
    return text.getvalue()


def _edges(first: int, end: int, cell: int) -> NDArray[np.int64]:
    return np.append(np.arange(first, end, cell), end)

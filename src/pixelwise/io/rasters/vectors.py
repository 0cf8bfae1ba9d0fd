"""Polygons as GeoPackage, FlatGeobuf and GeoJSON."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from pixelwise.core import Space
from pixelwise.errors import OutputError, UnknownName
from pixelwise.io.atomic import make_folder, replacing
from pixelwise.io.rasters.grids import placed
from pixelwise.io.rasters.guard import OPTIONS
from pixelwise.io.sources import shown

__all__ = ["SUFFIXES", "Features", "write_polygons"]

SUFFIXES: Mapping[str, str] = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".geojson": "GeoJSON"}
"""Suffix -> GDAL's driver."""
LONGITUDE_LATITUDE = "EPSG:4326"


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Polygons with what is known of them.

    Args:
        shapes: (N,) shapely polygons in pixels.
        columns: Name -> (N,) values.
    """

    shapes: NDArray[Any]
    columns: Mapping[str, NDArray[Any]]


def write_polygons(path: Path, batches: Iterable[Features], space: Space) -> int:
    """Write polygons; whole, or not at all. Return how many.

    They keep the map's reference system; GeoJSON knows only longitude and latitude (RFC 7946).
    Without a place in the world, coordinates are pixels.

    Args:
        path: Where; the suffix picks the format. GeoPackage takes any number, the other two are
            gathered in memory first.
        batches: The polygons, in pixels.
        space: The map's.

    Raises:
        UnknownName: The suffix is none of SUFFIXES.
        OutputError: The system refuses.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UnknownName.among("polygon format", path.suffix, SUFFIXES)
    driver = SUFFIXES[path.suffix.lower()]
    make_folder(path.parent)
    pyogrio.set_gdal_config_options({key: OPTIONS[key] for key in ("GDAL_CACHEMAX",)})
    placed: Iterable[Features] = (
        _placed(batch, space, driver) for batch in batches if len(batch.shapes)
    )
    if driver != "GPKG":
        placed = _gathered(placed)
    crs = LONGITUDE_LATITUDE if driver == "GeoJSON" and space.crs else space.crs
    count = 0
    with replacing(path) as part:
        # GDAL takes a GeoPackage only by its suffix, so that the temporary name has it, too
        named = part.with_name(part.name + path.suffix)
        try:
            for batch in placed:
                _write(named, batch, driver, crs, path.stem, append=count > 0)
                count += len(batch.shapes)
            if not count:
                empty = Features(np.zeros(0, object), {})
                _write(named, empty, driver, crs, path.stem, append=False)
            if pyogrio.read_info(named, force_feature_count=True)["features"] != count:
                raise OutputError(f"{shown(path)}: does not come back whole; is the disk full?")
            named.replace(part)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise OutputError(f"{shown(path)}: cannot be written: {shown(str(error))}") from error
        finally:
            named.unlink(missing_ok=True)
    return count


def _placed(batch: Features, space: Space, driver: str) -> Features:
    """Return the polygons in the coordinates of the file."""
    if space.affine is None:
        return batch
    across = None
    if driver == "GeoJSON" and space.crs is not None:
        across = pyproj.Transformer.from_crs(space.crs, LONGITUDE_LATITUDE, always_xy=True)

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = placed(space, points[:, 0], points[:, 1])
        if across is not None:
            x, y = across.transform(x, y)
        return np.stack([x, y], axis=1)

    return Features(shapely.transform(batch.shapes, place), batch.columns)


def _gathered(batches: Iterable[Features]) -> Iterable[Features]:
    rows = list(batches)
    if rows:
        columns = {
            name: np.concatenate([row.columns[name] for row in rows]) for name in rows[0].columns
        }
        yield Features(np.concatenate([row.shapes for row in rows]), columns)


def _write(
    path: Path, batch: Features, driver: str, crs: str | None, layer: str, *, append: bool
) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # a picture has none
        pyogrio.raw.write(
            str(path),
            geometry=shapely.to_wkb(batch.shapes),
            field_data=list(batch.columns.values()),
            fields=list(batch.columns),
            layer=None if driver == "GeoJSON" else layer,
            driver=driver,
            geometry_type="Polygon",
            crs=crs,
            append=append,
        )

"""Labelled places: polygons with a class, or label maps, over a raster."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.mapping import Layer
from pixelwise.errors import InputError
from pixelwise.io.rasters.labels import legend_in
from pixelwise.io.rasters.raster import Raster
from pixelwise.io.sources import shown
from pixelwise.ops.windows import Window

__all__ = ["FIELDS", "Lesson", "lesson_of"]

FIELDS = ("class", "class_name", "label", "name", "type", "value")
"""Fields of polygons that may hold the class, the first that is there."""
VECTORS = (".gpkg", ".geojson", ".json", ".fgb", ".shp")
MOST_CLASSES = 250


@dataclass(frozen=True, eq=False)
class Lesson:
    """A raster, part of which is labelled.

    Args:
        layer: The raster and its bands.
        names: The classes.
        labels: Window to (h, w) int32, the place of the class in ``names``; -1 where none is told.
    """

    layer: Layer
    names: tuple[str, ...]
    labels: Callable[[Window], NDArray[np.int32]]


def lesson_of(
    pair: tuple[Path | None, Path],
    layer: Layer,
    open_bands: Callable[[Raster], Bands],
    stack: ExitStack,
) -> Lesson:
    """Return what a pair of raster and labels teaches.

    Args:
        pair: The raster, or None for that of ``layer``; polygons (their class in the first of
            FIELDS) or a label map of the same size.
        layer: The raster that is mapped.
        open_bands: Gives the bands of another raster.
        stack: Closes what is opened.

    Raises:
        InputError: A file cannot be read, or does not fit the raster.
    """
    image, labels = pair
    if image is not None:
        raster = stack.enter_context(Raster([image]))
        layer = Layer(raster, open_bands(raster))
    if labels.suffix.lower() in VECTORS:
        return _from_polygons(labels, layer)
    return _from_map(labels, layer, stack)


def _from_map(path: Path, layer: Layer, stack: ExitStack) -> Lesson:
    source = stack.enter_context(Raster([path]))
    if source.size != layer.raster.size:
        raise InputError(
            f"{shown(path)} is {source.size}, {layer.raster.name} {layer.raster.size}: labels must "
            "have the size of their raster"
        )
    legend, values = legend_in(path), _values(source)
    titles = {row.id: row.name for row in legend or ()}
    place = np.full(int(values.max()) + 1, -1, np.int32)
    place[values] = np.arange(len(values))

    def labels(window: Window) -> NDArray[np.int32]:
        found, valid = source.read(window, [1])
        return np.where(valid, place[found[..., 0]], -1).astype(np.int32)

    return Lesson(layer, tuple(titles.get(int(v), str(v)) for v in values), labels)


def _values(source: Raster) -> NDArray[np.int64]:
    """Return the labels that occur."""
    seen: set[int] = set()
    for row in range(0, source.size[0], 256):
        window = Window(row, 0, min(256, source.size[0] - row), source.size[1])
        found, valid = source.read(window, [1])
        if found.dtype.kind not in "ui":
            raise InputError(f"{source.name}: expected label numbers, not {found.dtype}")
        seen |= set(np.unique(found[..., 0][valid]).tolist())
        if len(seen) > MOST_CLASSES:
            raise InputError(f"{source.name}: over {MOST_CLASSES} values; these are no labels")
    if not seen:
        raise InputError(f"{source.name}: no label is told")
    return np.array(sorted(seen), np.int64)


def _from_polygons(path: Path, layer: Layer) -> Lesson:
    try:
        meta, _, geometry, fields = pyogrio.raw.read(path)
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise InputError(f"{shown(path)}: cannot be read: {shown(str(error))}") from error
    kinds = [str(value) for value in _column(path, meta, fields)]
    shapes = _moved(shapely.from_wkb(geometry), meta["crs"], layer.raster)
    names = tuple(sorted(set(kinds)))
    pairs = [(shape, names.index(kind)) for shape, kind in zip(shapes, kinds, strict=True)]

    def labels(window: Window) -> NDArray[np.int32]:
        transform = layer.raster.transform @ type(layer.raster.transform).translation(
            window.left, window.top
        )
        made: NDArray[np.int32] = rasterize(
            pairs,
            (window.height, window.width),
            fill=-1,
            transform=transform,
            dtype=np.int32,
        )
        return made

    return Lesson(layer, names, labels)


def _column(
    path: Path, meta: Mapping[str, NDArray[np.str_]], fields: list[NDArray[np.generic]]
) -> NDArray[np.generic]:
    columns = {str(name).lower(): n for n, name in enumerate(meta["fields"])}
    for name in FIELDS:
        if name in columns:
            return fields[columns[name]]
    known = ", ".join(columns) or "none"
    raise InputError(
        f"{shown(path)}: expected a field {' or '.join(FIELDS)} that holds the class, there is "
        f"{known}"
    )


def _moved(shapes: NDArray[np.object_], crs: str | None, raster: Raster) -> NDArray[np.object_]:
    """Return polygons in the reference system of a raster."""
    if crs is None or raster.crs is None:
        return shapes
    across = pyproj.Transformer.from_crs(crs, raster.crs.to_wkt(), always_xy=True)

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack(across.transform(points[:, 0], points[:, 1]), axis=1)

    moved: NDArray[np.object_] = shapely.transform(shapes, place)
    return moved

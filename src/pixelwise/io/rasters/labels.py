"""Label maps as GeoTIFF: colours, class names, overviews, BigTIFF where needed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.shutil import copy as gdal_copy
from rasterio.windows import Window as GdalWindow

from pixelwise.core import Legend, LegendClass
from pixelwise.errors import InputError
from pixelwise.io.atomic import make_folder, replacing
from pixelwise.io.rasters.categories import write_categories
from pixelwise.io.rasters.grids import Grid, put_space
from pixelwise.io.rasters.guard import guarded, open_raster
from pixelwise.io.rasters.proof import Proof, explained
from pixelwise.io.sources import shown
from pixelwise.ops.windows import Window

__all__ = ["label_dtype", "legend_in", "write_labels"]

BLOCK = 512
CLASS = "CLASS_"
"""Tag of the name of a class: ``CLASS_3=water``; its colour stands in the colour table."""


def write_labels(
    path: Path,
    parts: Iterable[tuple[Window, NDArray[np.integer[Any]]]],
    grid: Grid,
    legend: Legend | None,
    *,
    cog: bool = False,
    overviews: bool = True,
) -> None:
    """Write labels window by window; whole, or not at all.

    The file is tiled and deflated, sparse where nothing is, has overviews by the nearest pixel,
    and is a BigTIFF where the classic one might not do. Names of classes stand in its tags and, for
    GDAL and QGIS, in ``.aux.xml`` beside it. Without a legend the labels are numbers
    of regions, int32 with 0 for none.

    Args:
        path: Where.
        parts: Windows with their labels; the legend's void (or 0) where there is none. Windows
            that are left out are void.
        grid: Size and place of the map.
        legend: Colours, names and the void label; None: plain numbers.
        cog: Write a cloud-optimised GeoTIFF.
        overviews: Add smaller copies, for viewers.

    Raises:
        OutputError: The system refuses to write; nothing is left under the final name.
    """
    make_folder(path.parent)
    proof = Proof()
    with replacing(path) as part, explained(path), guarded():
        plain = part.with_name(part.name + ".plain") if cog else part
        try:
            _write(plain, proof.noting(_stored(parts, legend)), grid, legend)
            smaller = _add_overviews(plain, grid.size) if overviews and not cog else 0
            if cog:
                gdal_copy(
                    plain, part, driver="COG", compress="DEFLATE", overview_resampling="NEAREST"
                )
            proof.check(part, smaller)
        finally:
            if cog:
                plain.unlink(missing_ok=True)
    write_categories(path, legend)


def label_dtype(legend: Legend | None) -> type[np.integer[Any]]:
    """Return what the labels of a legend are stored as."""
    if legend is None:
        return np.int32
    return np.uint8 if max(legend.void, *legend.ids.tolist()) < 256 else np.uint16


def legend_in(path: Path) -> Legend | None:
    """Return the legend that a label map carries, or None.

    Raises:
        InputError: It is no raster.
    """
    opened, _ = open_raster(path)
    with opened, guarded():
        names = {
            int(key.removeprefix(CLASS)): name
            for key, name in opened.tags(1).items()
            if key.startswith(CLASS)
        }
        if not names:
            return None
        try:
            table = opened.colormap(1)
        except ValueError:
            table = {}
        void = 255 if opened.nodata is None else int(opened.nodata)
    rows = [
        LegendClass(key, names[key], tuple(table.get(key, (0, 0, 0)))[:3]) for key in sorted(names)
    ]
    try:
        return Legend(tuple(rows), void)
    except InputError as error:
        raise InputError(f"{shown(path)}: {error}") from error


def _write(
    path: Path,
    parts: Iterable[tuple[Window, NDArray[np.integer[Any]]]],
    grid: Grid,
    legend: Legend | None,
) -> None:
    height, width = grid.size
    tiled = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK}
    dtype = np.dtype(label_dtype(legend))
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "dtype": dtype.name,
        "nodata": 0 if legend is None else legend.void,
        "compress": "deflate",
        "predictor": 2 if legend is None else 1,
        "bigtiff": "IF_SAFER",
        "sparse_ok": True,
        **(tiled if min(height, width) >= BLOCK else {}),
    }
    with rasterio.open(path, "w", **profile) as target:
        if legend is not None:
            target.write_colormap(1, {row.id: (*row.colour, 255) for row in legend})
            target.update_tags(1, **{f"{CLASS}{row.id}": row.name for row in legend})
        put_space(target, grid.space)
        for window, labels in parts:
            place = GdalWindow(window.left, window.top, window.width, window.height)
            target.write(labels, 1, window=place)


def _stored(
    parts: Iterable[tuple[Window, NDArray[np.integer[Any]]]], legend: Legend | None
) -> Iterator[tuple[Window, NDArray[np.integer[Any]]]]:
    """Yield the labels as they are stored."""
    for window, labels in parts:
        yield window, labels.astype(label_dtype(legend), copy=False)


def _add_overviews(path: Path, size: tuple[int, int]) -> int:
    """Add smaller copies and return how many."""
    factors = [2**n for n in range(1, 16) if max(size) >> n >= BLOCK // 2]
    if factors:
        with rasterio.open(path, "r+") as target:
            target.build_overviews(factors, rasterio.enums.Resampling.nearest)
    return len(factors)

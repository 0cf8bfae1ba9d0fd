"""The segments of an object-based map: their numbers as a raster, their statistics as a table."""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.job import LabelMap
from pixelwise.apps.satellite.mapping import Layer, Part
from pixelwise.apps.satellite.objects import BLOCK, Objects
from pixelwise.io.atomic import replacing
from pixelwise.io.rasters.labels import write_labels
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.spectral import INDICES, index_of
from pixelwise.ops.windows import Window, tiles

__all__ = ["write_segments"]


def write_segments(layer: Layer, objects: Objects, made: LabelMap, path: Path) -> list[Path]:
    """Write the number of each pixel's segment, and a CSV beside it with a line for each segment.

    A line has number, class, pixels, the middle in pixels, and mean and standard deviation of
    each band and of each index that the bands allow. Memory holds one block.

    Args:
        layer: The raster that was mapped.
        objects: What classified it.
        made: The classes.
        path: Of the raster of numbers; the table has the suffix ``.csv``.
    """
    table = path.with_suffix(".csv")
    indices = [name for name, one in INDICES.items() if set(one.bands) <= set(objects.bands)]
    names = (*objects.bands, *indices)
    head = [f"{name}_{what}" for name in names for what in ("mean", "sd")]
    with (
        Raster([made.path]) as classes,
        replacing(table) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["segment", "class", "pixels", "x", "y", *head])
        parts = _numbered(layer, objects, names, (made, classes), writer.writerows)
        write_labels(path, parts, made.grid, None)
    return [path, table]


def _numbered(
    layer: Layer,
    objects: Objects,
    names: tuple[str, ...],
    classes: tuple[LabelMap, Raster],
    tell: Callable[[Iterable[list[object]]], None],
) -> Iterator[tuple[Window, NDArray[np.int32]]]:
    """Yield the numbers block by block, and tell the lines of the table."""
    base = 0
    size = layer.raster.size
    for core in tiles(size, (BLOCK, BLOCK)):
        window = objects.seen(core, size)
        values, valid = layer.bands.read(layer.raster, window, objects.bands)
        if not valid.any():
            continue
        for block, inside, segments, _ in objects.blocks(Part(values, valid, window, core, size)):
            kept = valid[inside]
            if not kept.any():
                continue
            _, own = np.unique(segments[inside][kept], return_inverse=True)
            numbers = np.zeros(kept.shape, np.int32)
            numbers[kept] = own + base + 1
            known = {band: values[inside][kept][:, n] for n, band in enumerate(objects.bands)}
            y, x = np.nonzero(kept)
            places: list[NDArray[Any]] = [x + block.left, y + block.top]
            measured = [index_of(name, known) for name in names]
            label = classes[1].read(block, (1,))[0][..., 0][kept]
            tell(_lines(own, label, [*places, *measured], base, classes[0]))
            base += int(own.max()) + 1
            yield block, numbers


def _lines(
    own: NDArray[np.int64],
    label: NDArray[Any],
    columns: list[NDArray[Any]],
    base: int,
    made: LabelMap,
) -> Iterator[list[object]]:
    """Yield the line of each segment of a block; every pixel of a segment has one class."""
    count = np.bincount(own)
    first = np.unique(own, return_index=True)[1]
    means, spreads = [], []
    for values in columns:
        finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        mean = np.bincount(own, finite) / count
        means.append(mean)
        spreads.append(np.sqrt(np.bincount(own, (finite - mean[own]) ** 2) / count))
    for row in range(len(count)):
        told = [
            f"{one[row]:.6g}" for pair in zip(means[2:], spreads[2:], strict=True) for one in pair
        ]
        place = [f"{mean[row] + 0.5:.2f}" for mean in means[:2]]
        name = made.legend.name(int(label[first[row]]))
        yield [base + row + 1, name, int(count[row]), *place, *told]

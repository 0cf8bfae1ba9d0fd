"""One map from files to files: open, classify tile by tile, measure, write."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.areas import ClassArea, Ground, cell_side, class_areas
from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.choosing import Choice, mapper_for
from pixelwise.apps.satellite.mapping import Layer, Mapper, Scratch, map_tiles, tile_side
from pixelwise.core import Legend, Space
from pixelwise.io.rasters.grids import Grid
from pixelwise.io.rasters.labels import label_dtype, write_labels
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window, tiles

__all__ = ["Done", "LabelMap", "MapJob", "made_map"]

VERSION = 1
STRIP = 1 << 24
"""Pixels of the strips in which a finished map is read."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MapJob:
    """What is asked for; see ``pixelwise map --help``."""

    sources: tuple[Path, ...]
    before: tuple[Path, ...] = ()
    choice: Choice
    sensor: str | None = None
    bands: Mapping[str, int] = field(default_factory=dict)
    scale: tuple[float, float] | None = None
    tile: int | None = None
    cog: bool = False
    overviews: bool = True
    step: Callable[[int, int], None] = lambda _, __: None


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A finished map on the disk.

    Args:
        path: The label file.
        legend: What its labels mean.
        grid: Its size and place in the world.
    """

    path: Path
    legend: Legend
    grid: Grid

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.grid.size

    @property
    def space(self) -> Space:
        """Its place in the world."""
        return self.grid.space

    def strips(self) -> Iterator[tuple[Window, NDArray[Any]]]:
        """Yield the labels in whole rows, top to bottom."""
        width = self.size[1]
        cell = cell_side(self.size)
        rows = max(cell, STRIP // width // cell * cell)
        with Raster([self.path]) as raster:
            for window in tiles(self.size, (rows, width)):
                if raster.is_unwritten(window):
                    yield window, np.broadcast_to(self.void, (window.height, window.width))
                else:
                    yield window, raster.read(window, (1,))[0][..., 0]

    @property
    def void(self) -> np.integer[Any]:
        """The label of pixels without a class, as it is stored."""
        return label_dtype(self.legend)(self.legend.void)

    @property
    def ground(self) -> Ground | None:
        """What measures it; None where it has no place in the world."""
        return None if self.space.crs is None else Ground(self.space, self.size)

    def areas(self) -> list[ClassArea]:
        """Return pixels, share and area of every class."""
        return class_areas(self.strips(), self.legend, self.ground, self.size)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What was mapped.

    Args:
        now: The map of the later or only date.
        before: The map of the earlier date.
        made: Name of what made it.
        bands: The bands of the later or only date, by name.
        notes: What the user should know.
        damage: Blocks of the input that could not be read.
        seconds: Of the mapping.
    """

    now: LabelMap
    before: LabelMap | None
    made: str
    bands: Bands
    notes: tuple[str, ...]
    damage: tuple[Window, ...]
    seconds: float


def made_map(job: MapJob, folder: Path) -> Done:
    """Classify the map, or both, tile by tile.

    Finished tiles are kept in ``folder``; the same job with the same folder goes on where it was
    ended, by whatever, and gives the same file.

    Args:
        job: What is asked for.
        folder: For tiles and label files; the caller removes it.

    Raises:
        UsageError: The options do not make sense together.
        InputError: A file cannot be read, or has not the bands.
        OutputError: A result cannot be written.
    """
    start = perf_counter()
    with ExitStack() as stack:
        now = stack.enter_context(Raster(job.sources))
        layers = [Layer(now, _bands(job, now))]
        if job.before:
            then = stack.enter_context(Raster(job.before)).aligned(now)
            layers.append(Layer(then, _bands(job, then)))
        mapper = mapper_for(job.choice, tuple(layers), lambda raster: _bands(job, raster))
        maps, damage = [], []
        for name, layer in zip(("now", "before"), layers, strict=False):
            made, broken = _mapped(job, layer, mapper, folder / name)
            maps.append(made)
            damage += broken
        notes = tuple(dict.fromkeys(note for layer in layers for note in layer.raster.notes))
        return Done(
            now=maps[0],
            before=maps[1] if job.before else None,
            made=mapper.name,
            bands=layers[0].bands,
            notes=notes,
            damage=tuple(dict.fromkeys(damage)),
            seconds=perf_counter() - start,
        )


def _bands(job: MapJob, raster: Raster) -> Bands:
    return Bands.of(raster, sensor=job.sensor, given=job.bands, scale=job.scale)


def _mapped(
    job: MapJob, layer: Layer, mapper: Mapper, folder: Path
) -> tuple[LabelMap, list[Window]]:
    raster = layer.raster
    side = tile_side(layer, mapper, job.tile)
    windows = list(tiles(raster.size, side))
    scratch = Scratch(folder, _facts(job, layer, mapper, side))
    left = sum(not scratch.has(window) for window in windows)
    count = iter(range(len(windows) - left + 1, len(windows) + 1))
    map_tiles(layer, mapper, scratch, side, lambda: job.step(next(count), len(windows)))
    dtype = label_dtype(mapper.legend)
    parts = ((window, scratch.load(window, dtype)) for window in windows)
    found = ((window, labels) for window, labels in parts if labels is not None)
    path = folder / "labels.tif"
    grid = Grid(raster.size, raster.space, raster.ties)
    write_labels(path, found, grid, mapper.legend, cog=job.cog, overviews=job.overviews)
    damage = [block for window in windows for block in scratch.damage(window)]
    return LabelMap(path, mapper.legend, grid), damage


def _facts(job: MapJob, layer: Layer, mapper: Mapper, side: tuple[int, int]) -> object:
    """Return all that the tiles depend on."""
    files = [
        (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns)
        for path in (*layer.raster.paths, *job.sources)
    ]
    legend = [(row.id, row.name) for row in mapper.legend]
    bands = [dict(layer.bands.numbers), layer.bands.scales]
    return [VERSION, files, bands, mapper.name, mapper.facts, legend, side]

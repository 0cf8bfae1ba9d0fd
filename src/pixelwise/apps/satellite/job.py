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
from pixelwise.apps.satellite.instances import Found, InstanceMapper, found_in
from pixelwise.apps.satellite.mapping import (
    Layer,
    Mapper,
    Scratch,
    labels_in,
    map_tiles,
    tile_side,
)
from pixelwise.apps.satellite.things import Things, joined
from pixelwise.core import Legend, Space
from pixelwise.errors import UsageError
from pixelwise.io.rasters.grids import Grid
from pixelwise.io.rasters.labels import label_dtype, write_labels
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window, tiles

__all__ = ["Done", "LabelMap", "MapJob", "made_map"]

VERSION = 2
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
        things: Its things one by one, where a network told them apart.
    """

    path: Path
    legend: Legend
    grid: Grid
    things: Things | None = None

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
        return _strips(self.path, self.size, self.void)

    def numbers(self) -> Iterator[tuple[Window, NDArray[Any]]]:
        """Yield the numbers of its things in whole rows, top to bottom; 0 where there is none.

        Raises:
            UsageError: The map tells no things apart.
        """
        if self.things is None:
            raise UsageError("the map tells no things apart")
        return _strips(self.things.path, self.size, np.int32(0))

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
        mapper: What made it.
        bands: The bands of the later or only date, by name.
        notes: What the user should know.
        damage: Blocks of the input that could not be read.
        seconds: Of the mapping.
    """

    now: LabelMap
    before: LabelMap | None
    mapper: Mapper
    bands: Bands
    notes: tuple[str, ...]
    damage: tuple[Window, ...]
    seconds: float

    @property
    def made(self) -> str:
        """Name of what made it."""
        return self.mapper.name


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
            mapper=mapper,
            bands=layers[0].bands,
            notes=notes,
            damage=tuple(dict.fromkeys(damage)),
            seconds=perf_counter() - start,
        )


def _bands(job: MapJob, raster: Raster) -> Bands:
    return Bands.of(raster, sensor=job.sensor, given=job.bands, scale=job.scale)


def _strips(
    path: Path, size: tuple[int, int], nothing: np.integer[Any]
) -> Iterator[tuple[Window, NDArray[Any]]]:
    width = size[1]
    cell = cell_side(size)
    rows = max(cell, STRIP // width // cell * cell)
    with Raster([path]) as raster:
        for window in tiles(size, (rows, width)):
            if raster.is_unwritten(window):
                yield window, np.broadcast_to(nothing, (window.height, window.width))
            else:
                yield window, raster.read(window, (1,))[0][..., 0]


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
    damage = [block for window in windows for block in scratch.damage(window)]
    grid, legend = Grid(raster.size, raster.space), mapper.legend
    if isinstance(mapper, InstanceMapper):
        return _joined(job, mapper, scratch, grid, side), damage
    bodies = ((window, scratch.load(window)) for window in windows)
    found = ((window, labels_in(body, legend, window)) for window, body in bodies if body)
    path = folder / "labels.tif"
    write_labels(path, found, grid, legend, cog=job.cog, overviews=job.overviews)
    return LabelMap(path, legend, grid), damage


def _joined(
    job: MapJob, mapper: InstanceMapper, scratch: Scratch, grid: Grid, side: tuple[int, int]
) -> LabelMap:
    """Join the things of all tiles, and write their numbers and their classes."""
    path, classes = scratch.folder / "things.tif", scratch.folder / "labels.tif"
    options = {"cog": job.cog, "overviews": job.overviews}
    legend, ground = mapper.legend, mapper.ground

    def load(tile: Window) -> Found:
        return found_in(scratch.load(tile), tile)

    found = joined(list(tiles(grid.size, side)), side, mapper.side, load, path)
    write_labels(path, found.painted(), grid, None, **options)
    with Raster([path]) as numbers:
        labels = found.labelled(legend, ground, lambda at: numbers.read(at, (1,))[0][..., 0])
        write_labels(classes, labels, grid, legend, **options)
    return LabelMap(classes, legend, grid, found.things)


def _facts(job: MapJob, layer: Layer, mapper: Mapper, side: tuple[int, int]) -> object:
    """Return all that the tiles depend on."""
    files = [
        (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns)
        for path in (*layer.raster.paths, *job.sources)
    ]
    legend = [(row.id, row.name) for row in mapper.legend]
    bands = [dict(layer.bands.numbers), layer.bands.scales]
    return [VERSION, files, bands, mapper.name, mapper.facts, legend, side]

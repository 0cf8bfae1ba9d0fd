"""A map made tile by tile: any size, in bounded memory, the same whatever the tiles are."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.bands import Bands
from pixelwise.core import Legend
from pixelwise.errors import OutputError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.rasters.labels import label_dtype
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window, tiles
from pixelwise.pipeline import ahead, in_parallel

__all__ = [
    "Labeller",
    "Layer",
    "Mapper",
    "Part",
    "Scratch",
    "labels_in",
    "map_tiles",
    "tile_side",
]

MOST_VALUES = 1 << 24
"""Numbers of one tile with all its bands; a few tiles are in memory at a time."""
LARGEST, EVEN = 2048, 512


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A piece of a raster.

    Args:
        values: (h, w, C) of the mapper's bands: float32 reflectances, or uint8 levels where the
            mapper wants those; 0 where there is no data.
        valid: (h, w) bool, where there is data.
        window: Where in the raster they lie.
        core: The tile, of which the mapper is asked.
        size: (height, width) of the whole raster.
    """

    values: NDArray[Any]
    valid: NDArray[np.bool_]
    window: Window
    core: Window
    size: tuple[int, int]


class Mapper(Protocol):
    """What looks at a raster tile by tile; what it finds must not depend on the tiles."""

    @property
    def name(self) -> str:
        """What it is, for people."""

    @property
    def legend(self) -> Legend:
        """What the labels mean."""

    @property
    def bands(self) -> tuple[str, ...]:
        """What it looks at."""

    @property
    def in_levels(self) -> bool:
        """Whether it wants levels 0..255 of the bands, and no reflectances."""

    @property
    def planes(self) -> int:
        """Numbers that it holds for each pixel of a tile."""

    @property
    def grain(self) -> int:
        """Sides of tiles must be multiples of it."""

    @property
    def breadth(self) -> int:
        """Tiles in so many columns of pixels are best done before those beside them; 0: any."""

    @property
    def facts(self) -> object:
        """All that its labels depend on, as JSON holds it: a resumed job must have the same."""

    def seen(self, core: Window, size: tuple[int, int]) -> Window:
        """Return what it must see for a tile of a raster (height, width): the tile and around."""

    def kept(self, part: Part) -> bytes:
        """Return what it finds in a tile, for the journal; nothing where there is no data."""


class _Labelling(Mapper, Protocol):
    """A mapper that is called for labels."""

    def __call__(self, part: Part) -> NDArray[np.integer[Any]]:
        """Return labels of the core, (h, w); pixels without data are made void afterwards."""


class Labeller:
    """What mappers share that give every pixel a class, looking at that pixel alone."""

    @property
    def planes(self: Mapper) -> int:
        """Bands, or classes where those are more."""
        return max(len(self.bands), len(self.legend))

    @property
    def in_levels(self) -> bool:
        """No: it measures."""
        return False

    @property
    def grain(self) -> int:
        """Any tile will do."""
        return 1

    @property
    def breadth(self) -> int:
        """Tiles in any order will do."""
        return 0

    def seen(self, core: Window, size: tuple[int, int]) -> Window:  # noqa: ARG002 - a mapper's
        """Return the tile."""
        return core

    def kept(self: _Labelling, part: Part) -> bytes:
        """Return the labels, packed."""
        valid = part.valid[part.core.within(part.window)]
        if not valid.any():
            return b""
        labels = self(part).astype(label_dtype(self.legend), copy=False)
        if not valid.all():
            labels = np.where(valid, labels, labels.dtype.type(self.legend.void))
        return zlib.compress(np.ascontiguousarray(labels).data, 1)


def labels_in(body: bytes, legend: Legend, window: Window) -> NDArray[np.integer[Any]]:
    """Return the labels that a labeller kept of a tile."""
    values = np.frombuffer(zlib.decompress(body), label_dtype(legend))
    return values.reshape(window.height, window.width)


@dataclass(frozen=True, slots=True)
class Layer:
    """A raster and the names of its bands."""

    raster: Raster
    bands: Bands

    @classmethod
    def again(cls, raster: Raster, bands: Bands) -> "Layer":
        """Return a raster that was opened anew, with the bands that it had before."""
        if max(bands.numbers.values()) > raster.count:
            raster.count_alpha()
        return cls(raster, bands)


class Scratch:
    """Finished tiles in a folder, so that a job that was killed goes on where it was.

    Args:
        folder: Where; made if need be, emptied if it belongs to another job.
        facts: What the job is, as JSON holds it.
    """

    def __init__(self, folder: Path, facts: object) -> None:
        self.folder = folder
        stamp = sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        page = folder / "job"
        if not page.exists() or page.read_text() != stamp:
            self.remove()
            make_folder(folder)
            write_bytes(page, stamp.encode())

    def has(self, window: Window) -> bool:
        """Whether a tile is finished."""
        return self._path(window).exists()

    def save(self, window: Window, body: bytes, damage: list[Window]) -> None:
        """Keep a tile; one where nothing is found is found so again at once, and needs no file."""
        if body or damage:
            write_bytes(self._path(window), json.dumps(damage).encode() + b"\n" + body)

    def load(self, window: Window) -> bytes:
        """Return what was found in a tile; nothing where nothing was."""
        return self._path(window).read_bytes().partition(b"\n")[2] if self.has(window) else b""

    def damage(self, window: Window) -> list[Window]:
        """Return the blocks of the input that could not be read for a tile."""
        if not self.has(window):
            return []
        rows = json.loads(self._path(window).read_bytes().partition(b"\n")[0])
        return [Window(*row) for row in rows]

    def remove(self) -> None:
        """Throw everything away.

        Raises:
            OutputError: The system refuses.
        """
        try:
            if self.folder.exists():
                rmtree(self.folder)
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be removed: {error.strerror}") from error

    def _path(self, window: Window) -> Path:
        return self.folder / f"{window.top}_{window.left}_{window.height}_{window.width}"


def tile_side(layer: Layer, mapper: Mapper, wanted: int | None) -> tuple[int, int]:
    """Return (height, width) of the tiles: as wanted, or as large as memory allows.

    Rasters stored in strips are read in whole rows, where the mapper allows.
    """
    height, width = layer.raster.size
    side = wanted or min(LARGEST, int((MOST_VALUES / mapper.planes) ** 0.5))
    looks_around = mapper.seen(Window(0, 0, 1, 1), layer.raster.size) != Window(0, 0, 1, 1)
    if layer.raster.is_striped and mapper.grain == 1 and not looks_around:
        return max(1, min(side * side // width, height)), width
    even = EVEN if mapper.grain == 1 and side > EVEN else mapper.grain
    side = max(even, side // even * even)
    return side, side


def map_tiles(
    layer: Layer,
    mapper: Mapper,
    scratch: Scratch,
    side: tuple[int, int],
    step: Callable[[], None],
) -> None:
    """Make all tiles that are not finished.

    Args:
        layer: What is mapped.
        mapper: How.
        scratch: Where finished tiles are kept.
        side: Of the tiles.
        step: Called for every tile.
    """
    size = layer.raster.size
    wide = max(mapper.breadth // side[1], 1) * side[1] if mapper.breadth else size[1]
    todo = (window for window in _downwards(size, side, wide) if not scratch.has(window))

    def work(item: tuple[Part, list[Window]]) -> tuple[Window, bytes, list[Window]]:
        part, damage = item
        return part.core, mapper.kept(part), damage

    for window, body, damage in in_parallel(work, ahead(_parts(layer, mapper, todo), 1)):
        scratch.save(window, body, damage)
        step()


def _downwards(size: tuple[int, int], side: tuple[int, int], wide: int) -> Iterator[Window]:
    """Yield the tiles of a raster, those in ``wide`` columns of pixels before the next ones."""
    for left in range(0, size[1], wide):
        for window in tiles((size[0], min(wide, size[1] - left)), side):
            yield window._replace(left=window.left + left)


def _parts(
    layer: Layer, mapper: Mapper, windows: Iterator[Window]
) -> Iterator[tuple[Part, list[Window]]]:
    raster = layer.raster
    nothing = np.zeros((0, 0, len(mapper.bands)), np.float32)
    read = layer.bands.levels if mapper.in_levels else layer.bands.read
    for core in windows:
        window = mapper.seen(core, raster.size)
        values, valid = read(raster, window, mapper.bands)
        if not valid.any():
            values = nothing
        damage = [block for block in raster.damage if block.shared_with(window)]
        yield Part(values, valid, window, core, raster.size), damage

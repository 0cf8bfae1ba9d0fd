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

__all__ = ["Layer", "Mapper", "Part", "Scratch", "map_tiles", "tile_side"]

MOST_VALUES = 1 << 24
"""Numbers of one tile with all its bands; a few tiles are in memory at a time."""
LARGEST, EVEN = 2048, 512


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A piece of a raster.

    Args:
        values: (h, w, C) float32 reflectances of the mapper's bands; 0 where there is no data.
        valid: (h, w) bool, where there is data.
        window: Where in the raster they lie.
        core: The part of it whose labels are wanted.
        size: (height, width) of the whole raster.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    window: Window
    core: Window
    size: tuple[int, int]


class Mapper(Protocol):
    """What makes labels of a piece of a raster; the labels must not depend on the piece."""

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
    def grain(self) -> int:
        """Sides of tiles must be multiples of it."""

    @property
    def halo(self) -> int:
        """How many pixels around a tile it must see."""

    @property
    def facts(self) -> object:
        """All that its labels depend on, as JSON holds it: a resumed job must have the same."""

    def __call__(self, part: Part) -> NDArray[np.integer[Any]]:
        """Return labels of the core, (h, w); pixels without data are made void afterwards."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A raster and the names of its bands."""

    raster: Raster
    bands: Bands


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

    def save(
        self, window: Window, labels: NDArray[np.integer[Any]] | None, damage: list[Window]
    ) -> None:
        """Keep a tile; one where nothing is (None) is found so again at once, and needs no file."""
        if labels is None and not damage:
            return
        head = json.dumps(damage).encode() + b"\n"
        body = b"" if labels is None else zlib.compress(labels.tobytes(), 1)
        write_bytes(self._path(window), head + body)

    def load(self, window: Window, dtype: type[np.integer[Any]]) -> NDArray[Any] | None:
        """Return the labels of a tile; None where there are none."""
        if not self.has(window):
            return None
        body = self._path(window).read_bytes().partition(b"\n")[2]
        if not body:
            return None
        return np.frombuffer(zlib.decompress(body), dtype).reshape(window.height, window.width)

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
    planes = max(len(mapper.bands), len(mapper.legend))
    side = wanted or min(LARGEST, int((MOST_VALUES / planes) ** 0.5))
    if layer.raster.is_striped and mapper.grain == 1 and not mapper.halo:
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
    todo = (window for window in tiles(layer.raster.size, side) if not scratch.has(window))

    def work(item: tuple[Part, list[Window]]) -> tuple[Window, Any, list[Window]]:
        part, damage = item
        inside = part.core.within(part.window)
        if not part.valid[inside].any():
            return part.core, None, damage
        dtype = label_dtype(mapper.legend)
        labels = np.array(mapper(part), dtype)
        labels[~part.valid[inside]] = mapper.legend.void
        return part.core, labels, damage

    for window, labels, damage in in_parallel(work, ahead(_parts(layer, mapper, todo), 1)):
        scratch.save(window, labels, damage)
        step()


def _parts(
    layer: Layer, mapper: Mapper, windows: Iterator[Window]
) -> Iterator[tuple[Part, list[Window]]]:
    raster = layer.raster
    nothing = np.zeros((0, 0, len(mapper.bands)), np.float32)
    for core in windows:
        window = core.grown(mapper.halo, raster.size)
        values, valid = layer.bands.read(raster, window, mapper.bands)
        if not valid.any():
            values = nothing
        damage = [block for block in raster.damage if _meet(block, window)]
        yield Part(values, valid, window, core, raster.size), damage


def _meet(one: Window, other: Window) -> bool:
    rows = one.top < other.bottom and other.top < one.bottom
    return rows and one.left < other.right and other.left < one.right

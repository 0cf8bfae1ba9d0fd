"""The things of a map, one by one: joined across all seams, numbered, painted, listed."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pixelwise.apps.satellite.areas import Ground
from pixelwise.apps.satellite.instances import Found
from pixelwise.core import Legend
from pixelwise.io.rasters.labels import label_dtype
from pixelwise.methods.deep.seams import Seams, Sighting, extent
from pixelwise.ops.windows import Window

__all__ = ["Joined", "Things", "joined", "things_csv"]


@dataclass(frozen=True, eq=False)
class Things:
    """What is known of each thing; row n is number n, row 0 is none.

    Args:
        path: A raster of their numbers, int32, 0 where there is none.
        class_id: (N + 1,) int32.
        score: (N + 1,) float32.
        box: (N + 1, 4) int32 y0 x0 y1 x1, in pixels, end outside.
        pixels: (N + 1,) int64, how many are seen; of things that overlap the surer one is.
    """

    path: Path
    class_id: NDArray[np.int32]
    score: NDArray[np.float32]
    box: NDArray[np.int32]
    pixels: NDArray[np.int64]


_Piece = tuple[int, Sighting]
"""The number of a thing, and a window's sight of it."""


@dataclass(frozen=True, eq=False)
class Joined:
    """The things of a raster, told by the windows of all tiles.

    Memory holds a few tiles at a time, and about a hundred bytes for each thing.

    Args:
        tiles: Row by row.
        side: (height, width) of a tile.
        reach: (height, width) of a window: so far does a thing lie beyond its tile.
        load: Gives what was found in a tile.
        numbers: For each tile the number of each of its sightings.
        things: Rows as those of :class:`Things`, with pixels that are counted by :meth:`painted`.
    """

    tiles: Sequence[Window]
    side: tuple[int, int]
    reach: tuple[int, int]
    load: Callable[[Window], Found]
    numbers: Sequence[NDArray[np.int32]]
    things: Things

    def painted(self) -> Iterator[tuple[Window, NDArray[np.int32]]]:
        """Yield the numbers of things tile by tile, the surest on top, and count their pixels.

        A thing of which surer ones leave less than half is left out: windows that do not agree
        would leave slivers. Its number is given to no other.
        """
        seen, covered = (np.zeros(len(self.things.score), np.int64) for _ in range(2))
        for core, pieces in self._pieces():
            _count(seen, _painted(core, pieces, covered))
        kept = 2 * seen >= covered
        for core, pieces in self._pieces():
            painted = _painted(core, [piece for piece in pieces if kept[piece[0]]], covered)
            if painted.any():
                _count(self.things.pixels, painted)
                yield core, painted

    def _pieces(self) -> Iterator[tuple[Window, list[_Piece]]]:
        """Yield each tile with what may lie in it, the surest last, where there is anything."""
        place = {tile[:2]: index for index, tile in enumerate(self.tiles)}
        load = lru_cache(len(self._behind(self.tiles[-1])) + 1)(self.load)
        for core in self.tiles:
            near = [place[at] for at in self._behind(core)]
            pieces = [
                (number, one)
                for index in near
                for number, one in zip(
                    self.numbers[index].tolist(), load(self.tiles[index]).seen, strict=True
                )
            ]
            if pieces:
                yield core, sorted(pieces, key=self._sureness)

    def _sureness(self, piece: _Piece) -> tuple[float, int]:
        return float(self.things.score[piece[0]]), -piece[0]

    def labelled(
        self, legend: Legend, ground: int, numbers: Callable[[Window], NDArray[Any]]
    ) -> Iterator[tuple[Window, NDArray[Any]]]:
        """Yield the classes tile by tile.

        Args:
            legend: What the classes mean.
            ground: The class of pixels where there is data and no thing.
            numbers: Gives the numbers of the things in a tile, as they were painted.
        """
        dtype = label_dtype(legend)
        classes = self.things.class_id.astype(dtype)
        classes[0] = ground
        for core in self.tiles:
            valid = self.load(core).valid
            if valid is not None and valid.any():
                yield core, np.where(valid, classes[numbers(core)], dtype(legend.void))

    def _behind(self, core: Window) -> list[tuple[int, int]]:
        """Return where the tiles begin whose windows may reach into this one."""
        (tall, wide), (height, width) = self.reach, self.side
        rows = range(max(core.top - tall, 0) // height * height, core.top + 1, height)
        columns = range(max(core.left - wide, 0) // width * width, core.left + 1, width)
        return list(product(rows, columns))


def joined(
    tiles: Sequence[Window],
    side: tuple[int, int],
    reach: tuple[int, int],
    load: Callable[[Window], Found],
    path: Path,
) -> Joined:
    """Return the things of a raster; their numbers do not depend on its tiles.

    They are numbered 1.. by the first window that sees them, from above and from the left.

    Args:
        tiles: Row by row.
        side: (height, width) of a tile.
        reach: (height, width) of a window.
        load: Gives what was found in a tile.
        path: Where their numbers will be painted.
    """
    seams, found, scores = Seams(reach), list[NDArray[np.int32]](), list[NDArray[np.float32]]()
    for tile in tiles:
        seams.forget(tile.top)
        seen = load(tile).seen
        for window, group in groupby(seen, key=lambda one: one.window):
            seams.add(window, list(group))
        found.append(_table(seen))
        scores.append(np.array([one.score for one in seen], np.float32))
    table = np.concatenate(found)
    number = _numbered(seams.things(), np.lexsort(table[:, 2::-1].T))
    size = int(number.max(initial=0)) + 1
    class_id, score = np.zeros(size, np.int32), np.zeros(size, np.float32)
    box = np.repeat(np.array([[2**31 - 1, 2**31 - 1, 0, 0]], np.int32), size, axis=0)
    class_id[number] = table[:, 3]
    np.maximum.at(score, number, np.concatenate(scores))
    np.minimum.at(box[:, :2], number, table[:, 4:6])
    np.maximum.at(box[:, 2:], number, table[:, 6:])
    things = Things(path, class_id, score, box, np.zeros(size, np.int64))
    numbers = np.split(number, np.cumsum([len(rows) for rows in found])[:-1])
    return Joined(tiles, side, reach, load, numbers, things)


def things_csv(things: Things, legend: Legend, ground: Ground | None) -> str:
    """Return the things that are seen as CSV; areas in m² where the map has a place."""
    kept = np.flatnonzero(things.pixels[1:]) + 1
    y0, x0, y1, x1 = things.box[kept].T
    metres = np.zeros(len(kept))
    if ground is not None:
        y, x = (y0 + y1) // 2, (x0 + x1) // 2
        metres = ground.polygons(shapely.box(x, y, x + 1, y + 1)) * things.pixels[kept]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "class", "score", "pixels", "area_m2", "x0", "y0", "x1", "y1"])
    for row, number in enumerate(kept.tolist()):
        area = "" if ground is None else f"{metres[row]:.3f}"
        name = legend.name(int(things.class_id[number]))
        box = (x0[row], y0[row], x1[row], y1[row])
        head = (number, name, f"{things.score[number]:.4f}", int(things.pixels[number]), area)
        writer.writerow([*head, *box])
    return text.getvalue()


def _table(seen: Sequence[Sighting]) -> NDArray[np.int32]:
    """Return window's top and left, place in the window, class, and y0 x0 y1 x1."""
    rows = [
        (*one.window[:2], place, one.class_id, box.top, box.left, box.bottom, box.right)
        for _, group in groupby(seen, key=lambda one: one.window)
        for place, one in enumerate(group)
        for box in (extent(one.crop),)
    ]
    return np.array(rows, np.int32).reshape(-1, 8)


def _numbered(thing: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the number of the thing of each sighting, by the first sighting in the order."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    _, own = np.unique(thing, return_inverse=True)
    least = np.full(int(own.max(initial=-1)) + 1, len(rank), np.int64)
    np.minimum.at(least, own, rank)
    number = np.empty(len(least), np.int32)
    number[np.argsort(least)] = np.arange(1, len(least) + 1)
    return number[own]


def _painted(
    core: Window, pieces: Sequence[_Piece], covered: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return the numbers of the things in a tile; ``covered`` counts what each would fill alone."""
    painted = np.zeros((core.height, core.width), np.int32)
    for number, one in pieces:
        box = extent(one.crop)
        shared = box.shared_with(core)
        if shared is not None:
            under, mask = painted[shared.within(core)], one.crop.mask[shared.within(box)]
            covered[number] += np.count_nonzero(mask & (under != number))
            under[mask] = number
    return painted


def _count(total: NDArray[np.int64], painted: NDArray[np.int32]) -> None:
    """Add the pixels of each number to ``total``; the numbers of a tile lie near each other."""
    found = painted[painted > 0]
    if found.size:
        low = int(found.min())
        count = np.bincount(found - low)
        total[low : low + len(count)] += count

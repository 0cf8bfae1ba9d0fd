"""Things that a network finds in a raster, window by window."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.lattice import Lattice, around
from pixelwise.apps.satellite.mapping import Part
from pixelwise.apps.satellite.networks import Shown
from pixelwise.core import Crop, Image, Instances, Legend, LegendClass
from pixelwise.methods.deep.seams import Sighting, extent, sightings
from pixelwise.ops.windows import Window
from pixelwise.pipeline import in_parallel

__all__ = ["Found", "InstanceMapper", "found_in"]

BACKGROUND = "background"


class Found(NamedTuple):
    """What is known of a tile.

    Args:
        seen: The things in the windows that begin in it, window by window.
        valid: (h, w) bool, where there is data; None: nowhere.
    """

    seen: list[Sighting]
    valid: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class InstanceMapper(Shown):
    """Keeps of each tile the things in the windows that begin there; they are joined afterwards.

    Each window is looked at once, and its things lie where there is data.
    """

    grain: int = 1
    breadth: int = 0

    @property
    def legend(self) -> Legend:
        """The classes of the card, and ``background`` where it has none."""
        own = self.network.card.legend_object()
        if any(row.name == BACKGROUND for row in own):
            return own
        free = min(set(range(len(own) + 2)) - {*own.ids.tolist(), own.void})
        return Legend((*own, LegendClass(free, BACKGROUND, (0, 0, 0))), own.void)

    @property
    def ground(self) -> int:
        """The class of what is no thing."""
        return self.legend.id_of(BACKGROUND)

    @property
    def planes(self) -> int:
        """Its bands."""
        return len(self.bands)

    def seen(self, core: Window, size: tuple[int, int]) -> Window:
        """Return the tile and all windows that begin in it."""
        return around([core, *Lattice(self.side, size).beginning(core)])

    def kept(self, part: Part) -> bytes:
        """Return the things, and where there is data, packed."""
        if not part.valid.any():
            return b""
        seen = list(self._found(part))
        masks = [one.crop.mask.reshape(-1) for one in seen]
        rows = [
            (one.class_id, one.score, *one.crop.origin, *one.crop.mask.shape, *one.window)
            for one in seen
        ]
        valid = part.valid[part.core.within(part.window)].reshape(-1)
        bits = np.packbits(np.concatenate([valid, *masks]))
        return zlib.compress(json.dumps(rows).encode() + b"\n" + bits.tobytes(), 1)

    def _found(self, part: Part) -> Iterator[Sighting]:
        windows = Lattice(self.side, part.size).beginning(part.core)
        answers = in_parallel(lambda at: self._seen(part, at), windows, self.network.sessions)
        return chain.from_iterable(answers)

    def _seen(self, part: Part, window: Window) -> list[Sighting]:
        """Return the things of a window where there is data, in their order."""
        place = window.within(part.window)
        if not part.valid[place].any():
            return []
        found = self.network(Image(np.ascontiguousarray(part.values[place])))
        seen = []
        for one in sightings(cast("Instances", found), window):
            mask = one.crop.mask & part.valid[extent(one.crop).within(part.window)]
            if mask.any():
                seen.append(replace(one, crop=Crop(one.crop.origin, mask)))
        return seen


def found_in(body: bytes, tile: Window) -> Found:
    """Return what :meth:`InstanceMapper.kept` kept of a tile."""
    if not body:
        return Found([], None)
    head, _, bits = zlib.decompress(body).partition(b"\n")
    flat = np.unpackbits(np.frombuffer(bits, np.uint8)).view(bool)
    end = tile.height * tile.width
    valid, seen = flat[:end].reshape(tile.height, tile.width).copy(), []
    for class_id, score, top, left, height, width, *window in json.loads(head):
        mask = flat[end : end + height * width].reshape(height, width).copy()
        seen.append(Sighting(class_id, score, Crop((top, left), mask), Window(*window)))
        end += height * width
    return Found(seen, valid)

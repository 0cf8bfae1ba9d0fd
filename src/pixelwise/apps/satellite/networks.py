"""A network shown a raster window by window, its answers blended where windows overlap."""

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.mapping import Part
from pixelwise.cards import Channels
from pixelwise.convert import to_semantic
from pixelwise.core import Image, Legend, Semantic
from pixelwise.errors import UsageError
from pixelwise.io.rasters.labels import label_dtype
from pixelwise.methods.deep.network import Network
from pixelwise.ops.mosaic import lay, strongest
from pixelwise.ops.tiles import ramp
from pixelwise.ops.upsampled import Upsampled
from pixelwise.ops.windows import Window
from pixelwise.pipeline import in_parallel

__all__ = ["NetworkMapper"]

OVERLAP = 0.25
SIDE = 512
"""Of windows for networks that take any size."""
KEPT = 1 << 28
"""Bytes of answers that are kept for the tiles beside and below."""
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class NetworkMapper:
    """Windows lie on one lattice over the whole raster, so no tile changes what a window sees.

    Windows that reach beyond the raster see its last pixels repeated.

    Args:
        network: Gives classes or a foreground.
    """

    network: Network
    grain: int = field(default=1, init=False)
    _answers: OrderedDict[tuple[int, int], Future[NDArray[np.float32]]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )
    _turn: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def name(self) -> str:
        """The card's name."""
        return self.network.name

    @property
    def legend(self) -> Legend:
        """The card's legend, or background and foreground."""
        return self.network.card.legend_object()

    @property
    def bands(self) -> tuple[str, ...]:
        """What the card says, else colours."""
        spec = self.network.card.input
        if spec.channels is Channels.BANDS and not spec.bands:
            raise UsageError(f"the card of {self.name} does not say which bands it takes")
        return spec.bands or COLOURS

    @property
    def side(self) -> tuple[int, int]:
        """(height, width) of a window."""
        spec = self.network.card.input
        return spec.height or SIDE, spec.width or SIDE

    @property
    def halo(self) -> int:
        """As far as a window that touches a tile may reach beyond it."""
        return max(self.side)

    @property
    def facts(self) -> object:
        """The model file."""
        return [self.name, str(self.network.path.stat().st_size), self.network.runtime]

    def __call__(self, part: Part) -> NDArray[np.integer[Any]]:
        """Return the likeliest class of each pixel."""
        core = part.core
        total = np.zeros((len(self.legend), core.height, core.width), np.float32)
        places = list(
            product(
                self._lattice(0, core.top, core.bottom, part.size[0]),
                self._lattice(1, core.left, core.right, part.size[1]),
            )
        )
        answers = in_parallel(lambda at: self._answer(part, *at), places, self.network.sessions)
        for (top, left), answer in zip(places, answers, strict=True):
            lay(total, answer, self._weights, (top - core.top, left - core.left))
        return self.legend.ids.astype(label_dtype(self.legend))[strongest(total)]

    def _lattice(self, axis: int, low: int, high: int, length: int) -> range:
        """Return where the windows begin that touch low..high of a raster of this length."""
        side = self.side[axis]
        step = int(side * (1 - OVERLAP))
        first = max(0, -(-(low - side + 1) // step))
        last = min((high - 1) // step, -(-max(length - side, 0) // step))
        return range(first * step, last * step + 1, step)

    @cached_property
    def _weights(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much each row and column of a window counts, falling towards its border."""
        down, along = (ramp(side, OVERLAP) for side in self.side)
        return down, along

    def _answer(self, part: Part, top: int, left: int) -> NDArray[np.float32]:
        """Return the probabilities (C, h, w) of a window, which other tiles may want, too."""
        if self._is_alone(part.core, top, left):
            return self._seen(part, top, left)
        with self._turn:
            known = self._answers.get((top, left))
            promised = self._answers.setdefault((top, left), Future())
        if known is not None:
            return known.result()
        try:
            made = self._seen(part, top, left)
        except BaseException as error:
            promised.set_exception(error)
            raise
        promised.set_result(made)
        with self._turn:
            while len(self._answers) * made.nbytes > KEPT:
                self._answers.popitem(last=False)
        return made

    def _is_alone(self, core: Window, top: int, left: int) -> bool:
        """Whether a window touches no other tile."""
        inside = core.top <= top and core.left <= left
        return inside and top + self.side[0] <= core.bottom and left + self.side[1] <= core.right

    def _seen(self, part: Part, top: int, left: int) -> NDArray[np.float32]:
        """Return what the network says of a window; nothing where there is no data."""
        y, x = top - part.window.top, left - part.window.left
        seen = part.values[y : y + self.side[0], x : x + self.side[1]]
        if not part.valid[y : y + self.side[0], x : x + self.side[1]].any():
            return np.zeros((len(self.legend), *self.side), np.float32)
        return self._scores(self._filled(seen))

    def _filled(self, seen: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a window of full size: beyond the raster its last pixels are repeated."""
        short = [(0, side - have) for side, have in zip(self.side, seen.shape, strict=False)]
        return np.pad(seen, [*short, (0, 0)], mode="edge") if np.any(short) else seen

    def _scores(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        bands = self.network.card.input.channels is Channels.BANDS
        pixels = values if bands else cv2.multiply(values, 255.0, dtype=cv2.CV_8U)
        result = self.network(Image(pixels))
        found = result if isinstance(result, Semantic) else to_semantic(result)
        if isinstance(found.scores, Upsampled):
            return found.scores.lent()
        if found.scores is not None:
            return np.asarray(found.scores, np.float32)
        ids = self.legend.ids[:, np.newaxis, np.newaxis]
        return np.equal(found.labels, ids).astype(np.float32)

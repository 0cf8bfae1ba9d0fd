"""A network shown a raster window by window, its answers blended where windows overlap."""

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.lattice import OVERLAP, Lattice, around
from pixelwise.apps.satellite.mapping import Labeller, Part
from pixelwise.cards import Channels
from pixelwise.convert import to_semantic
from pixelwise.core import Image, Legend, Semantic
from pixelwise.errors import UsageError
from pixelwise.io.rasters.labels import label_dtype
from pixelwise.methods.deep.network import Network
from pixelwise.ops.mosaic import lay, won
from pixelwise.ops.tiles import ramp
from pixelwise.ops.upsampled import Upsampled
from pixelwise.ops.windows import Window
from pixelwise.pipeline import in_parallel

__all__ = ["NetworkMapper", "Shown"]

SIDE = 512
"""Of windows for networks that take any size."""
KEPT = 1 << 28
"""Bytes of answers that are kept for the tiles beside and below."""
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class Shown:
    """A network whose windows lie on one lattice, so that no tile changes what a window sees.

    Args:
        network: What is shown windows.
    """

    network: Network

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
        """What the card says, else colours.

        Raises:
            UsageError: The card does not say which bands it takes.
        """
        spec = self.network.card.input
        if spec.channels is Channels.BANDS and not spec.bands:
            raise UsageError(f"the card of {self.name} does not say which bands it takes")
        return spec.bands or COLOURS

    @property
    def in_levels(self) -> bool:
        """Whether it takes pictures."""
        return self.network.card.input.channels is not Channels.BANDS

    @property
    def side(self) -> tuple[int, int]:
        """(height, width) of a window."""
        spec = self.network.card.input
        return spec.height or SIDE, spec.width or SIDE

    @property
    def facts(self) -> object:
        """The model file."""
        return [self.name, str(self.network.path.stat().st_size), self.network.runtime]


@dataclass(frozen=True, eq=False)
class NetworkMapper(Shown, Labeller):
    """The likeliest class of each pixel, by a network that gives classes or a foreground."""

    _answers: OrderedDict[Window, Future[NDArray[np.float32]]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )
    _turn: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def breadth(self) -> int:
        """As wide as two rows of answers that are kept for the tiles below; 2 hang over."""
        height, width = self.side
        each = len(self.legend) * height * width * np.dtype(np.float32).itemsize
        return max(KEPT // each // 2 - 2, 1) * int(width * (1 - OVERLAP))

    def seen(self, core: Window, size: tuple[int, int]) -> Window:
        """Return all windows that meet the tile."""
        return around(Lattice(self.side, size).meeting(core))

    def __call__(self, part: Part) -> NDArray[np.integer[Any]]:
        """Return the likeliest class of each pixel."""
        core, legend = part.core, self.legend
        total = np.zeros((len(legend), core.height, core.width), np.float32)
        windows = Lattice(self.side, part.size).meeting(core)
        answers = in_parallel(lambda at: self._answer(part, at), windows, self.network.sessions)
        for window, answer in zip(windows, answers, strict=True):
            lay(total, answer, self._weights, (window.top - core.top, window.left - core.left))
        return won(total, legend.ids.astype(label_dtype(legend)), legend.void)

    @cached_property
    def _weights(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much each row and column of a window counts, falling towards its border."""
        down, along = (ramp(side, OVERLAP) for side in self.side)
        return down, along

    def _answer(self, part: Part, window: Window) -> NDArray[np.float32]:
        """Return the probabilities (C, h, w) of a window, which other tiles may want, too."""
        if part.core.shared_with(window) == window:
            return self._scores(part, window)
        with self._turn:
            known = self._answers.get(window)
            promised = self._answers.setdefault(window, Future())
        if known is not None:
            return known.result()
        try:
            made = self._scores(part, window)
        except BaseException as error:
            promised.set_exception(error)
            raise
        promised.set_result(made)
        with self._turn:
            while len(self._answers) * made.nbytes > KEPT:
                self._answers.popitem(last=False)
        return made

    def _scores(self, part: Part, window: Window) -> NDArray[np.float32]:
        """Return what the network says of a window; nothing where there is no data."""
        place = window.within(part.window)
        if not part.valid[place].any():
            return np.zeros((len(self.legend), *self.side), np.float32)
        result = self.network(Image(self._filled(part.values[place])))
        found = result if isinstance(result, Semantic) else to_semantic(result)
        if isinstance(found.scores, Upsampled):
            return found.scores.lent()
        if found.scores is not None:
            return np.asarray(found.scores, np.float32)
        ids = self.legend.ids[:, np.newaxis, np.newaxis]
        return np.equal(found.labels, ids).astype(np.float32)

    def _filled(self, seen: NDArray[Any]) -> NDArray[Any]:
        """Return a window of full size: beyond a small raster its last pixels are repeated."""
        short = [(0, side - have) for side, have in zip(self.side, seen.shape, strict=False)]
        return np.pad(seen, [*short, (0, 0)], mode="edge") if np.any(short) else seen.copy()

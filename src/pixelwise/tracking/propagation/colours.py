"""Which colours are a thing's and which are its ground's: all over, and place by place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from pixelwise.tracking.propagation.flow import Flow, Frame

__all__ = ["ColourMemory", "local_counts"]

Plane = NDArray[np.float32]
Window = tuple[slice, slice]

LIGHTNESS, CHROMA = 16, 8
"""Levels of a bin of Lab's lightness and of its two colour axes."""
CENTRE = 64
"""Least level of the colour axes; those of pictures lie around 128."""
SIDES = np.array([LIGHTNESS, CHROMA, CHROMA], np.uint8)
SHAPE = (256 // LIGHTNESS, 128 // CHROMA * 2, 128 // CHROMA * 2)
STEP = 12
"""Side of a cell of the bilateral grid, pixels."""
BINOMIAL = np.array([0.25, 0.5, 0.25], np.float32)
FIRM = 3.0
"""Greatest logarithm of a likelihood ratio: no colour is quite sure."""
THIN = 1e-5
"""Share that each colour is given although it was never seen."""
LEARNT, GROUND_LEARNT, KEPT = 0.05, 0.2, 0.02
"""What a frame adds to the colours of thing and ground, and what the first frame gets back."""


@dataclass(slots=True, eq=False)
class ColourMemory:
    """Histograms of the colours of a thing and of the ground around it; the first frame's stay.

    Args:
        thing: Shares by bin.
        ground: Shares by bin.
        first: The thing's shares in the first frame, whose mask was given.
    """

    thing: Plane
    ground: Plane
    first: Plane

    @classmethod
    def of(cls, frame: Frame, soft: Plane, near: NDArray[np.bool_]) -> "ColourMemory":
        """Return the memory of a frame with its soft mask (h, w) and the ground that counts."""
        thing = _shares(frame, soft)
        return cls(thing, _shares(frame, (1 - soft) * near), thing)

    def log_ratio(self, frame: Frame, window: Window) -> Plane:
        """Return the logarithm of how much likelier each colour is the thing's."""
        bins = _bins(frame.lab[window])
        thing, ground = self.thing.ravel()[bins], self.ground.ravel()[bins]
        return np.clip(np.log((thing + THIN) / (ground + THIN)), -FIRM, FIRM).astype(np.float32)

    def learn(self, frame: Frame, soft: Plane, near: NDArray[np.bool_]) -> None:
        """Take in another frame."""
        thing, ground = _shares(frame, soft), _shares(frame, (1 - soft) * near)
        self.thing = (1 - KEPT) * ((1 - LEARNT) * self.thing + LEARNT * thing) + KEPT * self.first
        self.ground = (1 - GROUND_LEARNT) * self.ground + GROUND_LEARNT * ground

    def likeness(self, frame: Frame, where: NDArray[np.bool_]) -> float:
        """Return how alike the colours of a mask and of the thing in the first frame are, 0..1."""
        shares = _shares(frame, where.astype(np.float32))
        return float(np.sqrt(shares * self.first).sum())


def local_counts(
    frames: tuple[Frame, Frame], soft: Plane, flow: Flow, window: Window
) -> tuple[Plane, Plane]:
    """Return how many pixels of thing and of ground of about this colour and place were before.

    The pixels of the frame before are put, where the flow takes them, into a grid of place and
    colour, which is blurred and read at the pixels of the window.

    Args:
        frames: The frame before and the one now.
        soft: (h, w) the soft mask of the frame before.
        flow: From the frame before to now.
        window: Part of the picture.

    Source:
        After N. Maerki et al., "Bilateral Space Video Segmentation", CVPR 2016.
    """
    before, now = frames
    places = np.indices(soft.shape, dtype=np.float32)
    y, x = places[0] + flow.ahead[..., 1], places[1] + flow.ahead[..., 0]
    rows, columns = window
    there = (y >= rows.start) & (y < rows.stop) & (x >= columns.start) & (x < columns.stop)
    here = now.lab[window].reshape(-1, 3)
    colours = np.concatenate([before.lab[there], here])
    colours = (colours // SIDES).astype(np.int64)
    colours -= colours.min(axis=0)
    size = (rows.stop - rows.start, columns.stop - columns.start)
    shape = (*(side // STEP + 2 for side in size), *(colours.max(axis=0) + 1))
    grid_y, grid_x = np.indices(size) // STEP
    count = len(colours) - len(here)
    source = np.ravel_multi_index(
        (
            ((y[there] - rows.start) // STEP).astype(np.int64),
            ((x[there] - columns.start) // STEP).astype(np.int64),
            *colours[:count].T,
        ),
        shape,
    )
    target = np.ravel_multi_index((grid_y.ravel(), grid_x.ravel(), *colours[count:].T), shape)
    made = []
    for weight in (soft[there], 1 - soft[there]):
        cells = np.bincount(source, weight, minlength=int(np.prod(shape))).reshape(shape)
        made.append(_blurred(cells.astype(np.float32)).ravel()[target].reshape(size))
    return made[0], made[1]


def _bins(lab: NDArray[np.uint8]) -> NDArray[np.int64]:
    levels = lab.astype(np.int64)
    parts = [
        levels[..., 0] // LIGHTNESS,
        *(np.clip((levels[..., axis] - CENTRE) // CHROMA, 0, SHAPE[1] - 1) for axis in (1, 2)),
    ]
    return np.ravel_multi_index(tuple(parts), SHAPE)


def _shares(frame: Frame, weight: Plane) -> Plane:
    bins = _bins(frame.lab).ravel()
    counts = np.bincount(bins, weight.ravel(), minlength=int(np.prod(SHAPE))).reshape(SHAPE)
    smooth = _blurred(counts.astype(np.float32))
    return np.asarray(smooth / max(float(smooth.sum()), 1e-6), np.float32)


def _blurred(cells: Plane) -> Plane:
    for axis in range(cells.ndim):
        cells = convolve1d(cells, BINOMIAL, axis=axis, mode="constant")
    return cells

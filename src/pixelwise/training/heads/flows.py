"""Flows that are taught: from each pixel the way to the middle of its thing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["flow_of"]

CALM = 2.0
"""Pixels around the middle where the flow fades, so that what follows it comes to rest."""


def flow_of(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return the step of each pixel towards the middle of its thing, (2, H, W): down, right.

    Steps are a pixel long and go straight, where Cellpose lets heat flow through the thing: the
    same for round things, at no cost. Things that are bent around their middle, as a ring is, are
    for ``distance``.

    >>> flow_of(np.array([[0, 1, 1, 1, 1, 1, 0]]))[1].tolist()
    [[0.0, 1.0, 0.5, 0.0, -0.5, -1.0, 0.0]]
    """
    flat = np.asarray(numbers).reshape(-1)
    places = np.indices(numbers.shape, np.float32).reshape(2, -1)
    counts = np.maximum(np.bincount(flat), 1)
    middles = np.stack([np.bincount(flat, place) / counts for place in places])
    _on_themselves(middles, numbers)
    gap = middles[:, flat] - places
    length = np.hypot(*gap)
    flow = gap / np.maximum(length, CALM)
    flow[:, flat == 0] = 0
    return flow.reshape(2, *numbers.shape).astype(np.float32)


def _on_themselves(middles: NDArray[np.float64], numbers: NDArray[Any]) -> None:
    """Move middles that lie outside of their thing, as a crescent's does, to its nearest pixel."""
    nearest = np.rint(middles).astype(np.intp)
    there = numbers[nearest[0], nearest[1]]
    for number in np.flatnonzero(there != np.arange(len(there))):
        own = np.argwhere(numbers == number)
        if number and len(own):
            best = np.square(own - middles[:, number]).sum(axis=1).argmin()
            middles[:, number] = own[best]

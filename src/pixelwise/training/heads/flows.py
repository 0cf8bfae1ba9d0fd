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
    made = np.zeros((2, *numbers.shape), np.float32)
    places = np.stack(np.nonzero(numbers))
    own = numbers[places[0], places[1]]
    counts = np.bincount(own)
    middles = np.stack([np.bincount(own, place) / np.maximum(counts, 1) for place in places])
    _on_themselves(middles, numbers, np.flatnonzero(counts))
    gap = (middles[:, own] - places).astype(np.float32)
    length = np.sqrt(np.square(gap).sum(axis=0))
    made[:, places[0], places[1]] = gap / np.maximum(length, CALM)
    return made


def _on_themselves(
    middles: NDArray[np.float64], numbers: NDArray[Any], present: NDArray[np.intp]
) -> None:
    """Move middles that lie outside of their thing, as a crescent's does, to its nearest pixel."""
    rows, columns = np.rint(middles[:, present]).astype(np.intp)
    for number in present[numbers[rows, columns] != present]:
        own = np.argwhere(numbers == number)
        best = np.square(own - middles[:, number]).sum(axis=1).argmin()
        middles[:, number] = own[best]

"""Where each pixel of a larger row lies in a smaller one: the geometry of growing, an axis each."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "centres", "corners", "nearest"]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Between which two samples each pixel lies, and how far from the first.

    Args:
        start: (N,) int32, the first of the two; ascending, at most ``length - 2``.
        weight: (N,) float32 0..1, share of the second.
        length: Samples there are, at least 2: a single one is doubled before.
    """

    start: NDArray[np.int32]
    weight: NDArray[np.float32]
    length: int

    def __len__(self) -> int:
        return len(self.start)


@lru_cache(maxsize=64)
def corners(length: int, pixels: int) -> Axis:
    """Return the axis on which the first and the last pixel lie on the first and last sample.

    >>> corners(3, 5).start.tolist(), corners(3, 5).weight.tolist()
    ([0, 0, 1, 1, 1], [0.0, 0.5, 0.0, 0.5, 1.0])
    """
    step = (length - 1) / (pixels - 1) if pixels > 1 else 0.0
    return _axis(np.arange(pixels) * step, length)


@lru_cache(maxsize=64)
def centres(length: int, pixels: int, begin: float = 0.0, end: float | None = None) -> Axis:
    """Return the axis of the half-pixel rule: borders lie on borders, ends are held.

    Args:
        length: Samples there are.
        pixels: Pixels wanted.
        begin: Where the first pixel begins, in samples from the border.
        end: Where the last pixel ends; None: at the last border.

    >>> centres(2, 4).start.tolist(), centres(2, 4).weight.tolist()
    ([0, 0, 0, 0], [0.0, 0.25, 0.75, 1.0])
    """
    end = float(length) if end is None else end
    places = begin + (np.arange(pixels) + 0.5) * ((end - begin) / pixels) - 0.5
    return _axis(np.clip(places, begin, max(begin, end - 1)), length)


@lru_cache(maxsize=64)
def nearest(
    length: int, pixels: int, begin: float = 0.0, end: float | None = None
) -> NDArray[np.intp]:
    """Return the sample in which the centre of each pixel lies, (pixels,) intp.

    >>> nearest(2, 5).tolist()
    [0, 0, 1, 1, 1]
    """
    end = float(length) if end is None else end
    places = begin + (np.arange(pixels) + 0.5) * ((end - begin) / pixels)
    return np.clip(np.floor(places).astype(np.intp), 0, length - 1)


def _axis(places: NDArray[np.floating[Any]], length: int) -> Axis:
    samples = max(length, 2)
    start = np.clip(np.floor(places), 0, samples - 2).astype(np.int32)
    weight = np.clip(places - start, 0, 1 if length > 1 else 0).astype(np.float32)
    for values in (start, weight):
        values.flags.writeable = False  # the caches share them
    return Axis(start, weight, samples)

"""Pictures cut into overlapping tiles, and values of tiles joined without seams."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["blended", "ramp", "starts"]

Values = NDArray[np.float32]


def starts(length: int, tile: int, overlap: float) -> list[int]:
    """Return where tiles begin, evenly spread, so that neighbours share ``overlap`` or more.

    Args:
        length: Pixels to cover, 1 or more.
        tile: Pixels of a tile, 1 or more; a longer one than ``length`` gives one tile.
        overlap: Least share of a tile that its neighbour covers, too: 0 to below 1.

    >>> starts(10, 4, 0.25)
    [0, 3, 6]
    """
    if tile >= length:
        return [0]
    step = max(1, int(tile * (1 - overlap)))
    count = -(-(length - tile) // step) + 1
    return [round(place) for place in np.linspace(0, length - tile, count)]


def ramp(tile: int, overlap: float) -> Values:
    """Return the weight of each pixel of a tile along one axis: full inside, falling at the ends.

    >>> ramp(4, 0.5).tolist()
    [0.25, 0.75, 0.75, 0.25]
    """
    width = max(1.0, tile * overlap)
    near = np.minimum(np.arange(tile) + 0.5, tile - np.arange(tile) - 0.5)
    return np.minimum(near / width, 1).astype(np.float32)


def blended(
    size: tuple[int, int],
    tile: tuple[int, int],
    overlap: float,
    values_of: Callable[[int, int], Values],
) -> Iterator[tuple[int, int, Values]]:
    """Yield finished parts of a picture whose tiles are blended: y, x and mean values (C, h, w).

    Parts do not overlap and cover the picture. What is kept meanwhile is one tile and the rows
    that two rows of tiles share, however tall the picture is.

    Args:
        size: (height, width) of the picture.
        tile: (height, width) of a tile, not larger than the picture.
        overlap: As in :func:`starts`.
        values_of: Gives the values (C, *tile) float32 of the tile that begins at y, x.

    >>> parts = blended((1, 5), (1, 3), 0.5, lambda y, x: np.ones((1, 1, 3), np.float32))
    >>> [(y, x, part.ravel().round(3).tolist()) for y, x, part in parts]
    [(0, 0, [1.0]), (0, 1, [1.0]), (0, 2, [1.0, 1.0, 1.0])]
    """
    tops, lefts = (starts(side, of, overlap) for side, of in zip(size, tile, strict=True))
    down, along = ramp(tile[0], overlap), ramp(tile[1], overlap)
    tall, wide = _total(size[0], tops, down), _total(size[1], lefts, along)
    weight = down[:, np.newaxis] * along
    above: Values | None = None
    for top, below in zip(tops, [*tops[1:], size[0]], strict=True):
        following: Values | None = None
        kept = below - top
        seen, pending = 0, 0
        shared = np.zeros((1, tile[0], 0), np.float32)
        for left, right in zip(lefts, [*lefts[1:], size[1]], strict=True):
            part = values_of(top, left) * weight
            if above is not None:
                part[:, : above.shape[1], seen - left :] += above[:, :, seen : left + tile[1]]
            part[:, :, :pending] += shared
            done, shared = part[:, :, : right - left], part[:, :, right - left :].copy()
            seen, pending = left + tile[1], shared.shape[2]
            if following is None:
                rows = tile[0] - kept if below < size[0] else 0
                following = np.empty((len(part), rows, size[1]), np.float32)
            following[:, :, left:right] = done[:, kept : kept + following.shape[1]]
            total = tall[top:below, np.newaxis] * wide[left:right]
            yield top, left, done[:, :kept] / total
        above = following


def _total(length: int, begin: list[int], weight: Values) -> Values:
    """Return the sum of all tiles' weights at each pixel."""
    total = np.zeros(length, np.float32)
    for first in begin:
        total[first : first + len(weight)] += weight
    return total

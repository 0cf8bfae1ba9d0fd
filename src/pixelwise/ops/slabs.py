"""Arrays that may be larger than memory, a piece of their first axis at a time."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.components import components
from pixelwise.ops.graphs.unionfind import find_root, roots

__all__ = ["MOST", "Joined", "finite_range", "slabs"]

MOST = 1 << 22
"""Values of one piece, where one index of the first axis is not more."""


def slabs(values: NDArray[Any], most: int = MOST) -> Iterator[NDArray[Any]]:
    """Yield pieces of at most ``most`` values, or one index of the first axis each.

    >>> [piece.tolist() for piece in slabs(np.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    if values.ndim == 0 or values.size <= most:
        yield values
        return
    step = max(1, most * len(values) // values.size)
    for start in range(0, len(values), step):
        yield values[start : start + step]


def finite_range(values: NDArray[Any]) -> tuple[Any, Any] | None:
    """Return the least and the greatest finite value, None without one.

    >>> finite_range(np.array([3.0, np.inf, -1.0]))
    (np.float64(-1.0), np.float64(3.0))
    """
    ends = []
    for piece in slabs(values):
        seen = piece[np.isfinite(piece)] if piece.dtype.kind == "f" else piece
        if seen.size:
            ends.append((seen.min(), seen.max()))
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


class Joined:
    """Connected parts of a mask that comes a slab at a time, and what counts of each.

    Memory grows with the number of parts, not with the mask. Slabs are shown once, in order, with
    :meth:`take`, then once more with :meth:`kept`.

    Args:
        diagonal: Whether corners join.

    >>> upper, lower = np.array([[[1, 0, 1]]], bool), np.array([[[1, 0, 0]]], bool)
    >>> joined = Joined()
    >>> joined.take(upper, counted=np.zeros_like(upper))
    >>> joined.take(lower, counted=lower)
    >>> joined.kept(0, upper).tolist()
    [[[True, False, False]]]
    """

    def __init__(self, *, diagonal: bool = True) -> None:
        self._diagonal = diagonal
        self._firsts: list[int] = []
        self._parent = np.zeros(1, np.int64)
        self._counts = np.zeros(1, np.int64)
        self._last: NDArray[np.int64] | None = None
        self._totals: NDArray[np.float64] | None = None

    def take(self, mask: NDArray[np.bool_], counted: NDArray[np.bool_]) -> None:
        """Add a slab (D, H, W); pixels of ``counted`` count for the part that holds them."""
        labels, count = components(mask, diagonal=self._diagonal)
        first = len(self._parent)
        self._firsts.append(first)
        self._parent = np.append(self._parent, np.arange(first, first + count))
        counts = np.bincount(labels[counted & mask], minlength=count + 1)
        self._counts = np.append(self._counts, counts[1:])
        if self._last is not None:
            self._join(self._last, _numbered(labels[0], first))
        self._last = _numbered(labels[-1], first)
        self._totals = None

    def kept(self, number: int, mask: NDArray[np.bool_], least: float = 1) -> NDArray[np.bool_]:
        """Return which pixels of slab ``number``, shown again, are of a part that counts enough."""
        labels, count = components(mask, diagonal=self._diagonal)
        first = self._firsts[number]
        totals = self._settled()[first : first + count]
        return np.asarray(np.append(False, totals >= max(least, 1))[labels])

    def rank(self, place: int) -> float:
        """Return what counts of the part that is at a place, 1 the largest; 0: there are fewer."""
        totals = np.sort(self._settled()[self._parent == np.arange(len(self._parent))])
        return float(totals[-place]) if place <= len(totals) else 0.0

    def _settled(self) -> NDArray[np.float64]:
        """Return for each number what counts of the part that it belongs to."""
        if self._totals is None:
            tops = roots(self._parent)
            self._totals = np.bincount(tops, self._counts, minlength=len(tops))[tops]
        return self._totals

    def _join(self, above: NDArray[np.int64], below: NDArray[np.int64]) -> None:
        padded = np.pad(above, 1)
        height, width = below.shape
        for y, x in product(range(3), repeat=2) if self._diagonal else ((1, 1),):
            near = padded[y : y + height, x : x + width]
            touch = (near > 0) & (below > 0)
            for one, other in np.unique(np.stack([near[touch], below[touch]]), axis=1).T:
                first, second = find_root(self._parent, one), find_root(self._parent, other)
                self._parent[max(first, second)] = min(first, second)


def _numbered(labels: NDArray[np.int32], first: int) -> NDArray[np.int64]:
    return np.where(labels > 0, labels + np.int64(first - 1), 0)

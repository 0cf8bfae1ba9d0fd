"""Disjoint sets in an array of parents, for kernels and for plain Python."""

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["Disjoint", "find_root", "roots"]


@jit
def find_root(parent: NDArray[Any], item: int) -> int:
    """Return the root of ``item``, halving its path on the way.

    >>> find_root(np.array([0, 0, 1]), 2)
    0
    """
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def roots(parent: NDArray[Any]) -> NDArray[Any]:
    """Return the root of every item at once.

    >>> roots(np.array([0, 0, 1, 3])).tolist()
    [0, 0, 0, 3]
    """
    above = parent[parent]
    while not np.array_equal(above, parent):
        parent, above = above, above[above]
    return above


class Disjoint:
    """Disjoint sets of numbers, to which more may come; the least of a set stands for it.

    >>> sets = Disjoint()
    >>> sets.grow(4), sets.grow(1)
    (0, 4)
    >>> sets.join(3, 1)
    >>> sets.join(4, 3)
    >>> sets.roots().tolist()
    [0, 1, 2, 1, 1]
    """

    def __init__(self) -> None:
        self._parent: array[int] = array("q")

    def __len__(self) -> int:
        return len(self._parent)

    def grow(self, count: int) -> int:
        """Add so many sets of one number; return the first of those."""
        first = len(self._parent)
        self._parent.extend(range(first, first + count))
        return first

    def join(self, one: int, other: int) -> None:
        """Make one set of the two that hold these numbers."""
        first, second = sorted((self._root(one), self._root(other)))
        self._parent[second] = first

    def roots(self) -> NDArray[np.int64]:
        """Return the least of the set of every number."""
        return roots(np.array(self._parent, np.int64))

    def _root(self, item: int) -> int:
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

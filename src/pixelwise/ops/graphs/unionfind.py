"""Disjoint sets in an array of parents, for kernels and for plain Python."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["find_root", "roots"]


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

"""Otsu's level, which several families start from."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.histogram import histogram

__all__ = ["otsu_level"]


def otsu_level(values: NDArray[Any], bins: int = 256) -> float:
    """Return Otsu's level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        bins: Bins between the least and the greatest float; integers have one bin a level.

    >>> otsu_level(np.array([1, 1, 9, 9], np.uint8))
    1.0
    """
    counts, centres, tops = histogram(values, bins)
    if counts.size == 1:
        return float(tops[0])
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    mass = np.cumsum(counts * centres)
    gap = mass[:-1] / below - (mass[-1] - mass[:-1]) / above
    return float(tops[np.argmax(below * above * gap**2)])

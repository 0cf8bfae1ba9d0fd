"""The isodata threshold: the level halfway between the two means that it makes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.histogram import histogram

__all__ = ["Isodata", "isodata_level"]


@dataclass(frozen=True, kw_only=True)
class Isodata(OneLevel):
    """Foreground is one side of the lowest level that lies halfway between its classes' means.

    A level is right when it equals (mean of what is below + mean of what is above) / 2; that is
    k-means with two clusters on the grey values, and nearly Otsu's level. Of several such levels
    the lowest is taken. Prefer ``otsu``, which takes the best of them, unless you need the level
    that other programs call isodata or Ridler.

    Works on 8-bit, 16-bit and float, pictures and volumes. A constant picture has no foreground.

    Source:
        T.W. Ridler, S. Calvard, "Picture thresholding using an iterative selection method",
        IEEE SMC 8(8), 1978.

    >>> Isodata()(Image(np.array([[1, 2], [8, 9]], np.uint8))).mask.tolist()
    [[False, False], [True, True]]
    """

    name = "isodata"

    def level_of(self, values: NDArray[Any]) -> float:
        """Return the isodata level."""
        return isodata_level(values)


def isodata_level(values: NDArray[Any], bins: int = 256) -> float:
    """Return the isodata level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        bins: Bins between the least and the greatest float; integers have one bin a level.

    >>> isodata_level(np.array([1, 2, 8, 9], np.uint8))
    5.0
    """
    counts, centres, tops = histogram(values, bins)
    if counts.size == 1:
        return float(tops[0])
    below = np.cumsum(counts)[:-1]
    mass = np.cumsum(counts * centres)
    halfway = (mass[:-1] / below + (mass[-1] - mass[:-1]) / (counts.sum() - below)) / 2
    distance = halfway - centres[:-1]
    right = (distance >= 0) & (distance < centres[1] - centres[0])
    return float(tops[np.argmax(right)])

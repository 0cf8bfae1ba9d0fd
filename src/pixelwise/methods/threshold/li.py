"""Li's threshold: the level that loses least information."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.histogram import histogram

__all__ = ["Li", "li_level"]

MOST_STEPS = 1000
FINE = 4096
"""Bins for floats: the level is a mean, so it should hardly feel them."""


@dataclass(frozen=True, kw_only=True)
class Li(OneLevel):
    """Foreground is one side of the level of least cross entropy.

    The level at which replacing each pixel by the mean of its class loses least, measured as
    cross entropy. It is found by stepping to (mean below - mean above) / (log of the mean below
    - log of the mean above), counted from the least value, until the step is under half a bin.
    Lower than Otsu's level when the dark class is narrow: good for dim fluorescence and for thin
    bright things; prefer ``otsu`` for two classes of like spread.

    Works on 8-bit, 16-bit and float, pictures and volumes. A constant picture has no foreground.

    Source:
        C.H. Li, C.K. Lee, "Minimum cross entropy thresholding", Pattern Recognition 26(4), 1993;
        the iteration: C.H. Li, P.K.S. Tam, Pattern Recognition Letters 18(8), 1998.

    >>> Li()(Image(np.array([[1, 2, 2], [40, 90, 50]], np.uint8))).mask.tolist()
    [[False, False, False], [True, True, True]]
    """

    name = "li"

    def level_of(self, values: NDArray[Any]) -> float:
        """Return Li's level."""
        return li_level(values)


def li_level(values: NDArray[Any]) -> float:
    """Return Li's level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.

    >>> round(li_level(np.array([0, 2, 2, 80, 90], np.uint8)), 1)
    20.1
    """
    counts, centres, _ = histogram(values, FINE)
    if counts.size == 1:
        return float(centres[0])
    least = float(centres[0])
    from_least = centres - least
    number, mass = np.cumsum(counts), np.cumsum(counts * from_least)
    half_a_bin = float(from_least[1]) / 2
    level = float(mass[-1] / number[-1])
    for _ in range(MOST_STEPS):
        last = int(np.searchsorted(from_least, level, side="right")) - 1
        dark = mass[last] / number[last]
        bright = (mass[-1] - mass[last]) / (number[-1] - number[last])
        if dark == 0:  # only the least value is left below: its logarithm has no end
            break
        before, level = level, float((dark - bright) / (np.log(dark) - np.log(bright)))
        if abs(level - before) <= half_a_bin:
            break
    return level + least

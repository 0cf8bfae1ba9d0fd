"""Yen's threshold: the level that keeps most correlation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.histogram import histogram

__all__ = ["Yen", "yen_level"]


@dataclass(frozen=True, kw_only=True)
class Yen(OneLevel):
    """Foreground is one side of the level of greatest entropic correlation.

    With p the share of each grey level, it maximises
    -log(sum of p squared below x sum of p squared above) + 2 log(share below x share above).
    Tends to a high level: good for small bright things on a busy ground; prefer ``otsu`` for
    classes of like size.

    Works on 8-bit, 16-bit and float, pictures and volumes. A constant picture has no foreground.

    Source:
        J.C. Yen, F.J. Chang, S. Chang, "A New Criterion for Automatic Multilevel Thresholding",
        IEEE Transactions on Image Processing 4(3), 1995.

    >>> Yen()(Image(np.array([[1, 2, 2], [2, 90, 91]], np.uint8))).mask.tolist()
    [[False, False, False], [False, True, True]]
    """

    name = "yen"

    def level_of(self, values: NDArray[Any]) -> float:
        """Return Yen's level."""
        return yen_level(values)


def yen_level(values: NDArray[Any], bins: int = 256) -> float:
    """Return Yen's level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        bins: Bins between the least and the greatest float; integers have one bin a level.

    >>> yen_level(np.array([1, 2, 2, 90, 91], np.uint8))
    2.0
    """
    counts, _, tops = histogram(values, bins)
    if counts.size == 1:
        return float(tops[0])
    share = counts / counts.sum()
    below = np.cumsum(share)[:-1]
    squares = np.cumsum(share**2)
    rest = np.cumsum(share[::-1] ** 2)[::-1][1:]
    criterion = 2 * np.log(below * (1 - below)) - np.log(squares[:-1] * rest)
    return float(tops[np.argmax(criterion)])

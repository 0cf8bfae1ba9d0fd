"""The triangle threshold: the corner of a one-peaked histogram."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.histogram import histogram

__all__ = ["Triangle", "triangle_level"]


@dataclass(frozen=True, kw_only=True)
class Triangle(OneLevel):
    """Foreground is one side of the corner between a histogram's peak and its tail.

    A line is drawn from the peak of the histogram to the far end of its longer tail; the level
    is the bin that lies farthest below that line. Good where one class fills nearly all of the
    picture and the other only lifts a tail (a few cells, stars); prefer ``otsu`` for two peaks.

    Works on 8-bit, 16-bit and float, pictures and volumes; more than 256 levels are binned, as
    the peak of a finer histogram is chance. A constant picture has no foreground.

    Source:
        G.W. Zack, W.E. Rogers, S.A. Latt, "Automatic measurement of sister chromatid exchange
        frequency", J. Histochemistry and Cytochemistry 25(7), 1977.

    >>> pixels = np.array([[1, 1, 1, 1, 1, 2, 2, 3, 7, 9]], np.uint8)
    >>> Triangle()(Image(pixels)).mask.sum()
    np.int64(2)
    """

    name = "triangle"

    def level_of(self, values: NDArray[Any]) -> float:
        """Return the triangle level."""
        return triangle_level(values)


def triangle_level(values: NDArray[Any], bins: int = 256) -> float:
    """Return the triangle level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        bins: Most bins between the least and the greatest value; integers of up to 8 bits have
            one bin a level.

    >>> triangle_level(np.array([1, 1, 1, 1, 1, 2, 2, 3, 7, 9], np.uint8))
    4.0
    """
    counts, _, tops = histogram(values, bins).joined(bins)
    if counts.size == 1:
        return float(tops[0])
    peak = int(np.argmax(counts))
    if peak < len(counts) - 1 - peak:  # the longer tail is the upper one: look from there
        return float(tops[len(counts) - 1 - _corner(counts[::-1], len(counts) - 1 - peak)])
    return float(tops[_corner(counts, peak)])


def _corner(counts: NDArray[np.float64], peak: int) -> int:
    """Return the bin before the peak that lies farthest below the line from bin 0 to the peak."""
    steps = np.arange(peak)
    return int(np.argmax(counts[peak] * steps - peak * counts[:peak]))

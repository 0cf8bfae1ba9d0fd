"""Otsu's threshold: the grey level that best splits a histogram in two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Task, setting
from pixelwise.ops.colour import grey
from pixelwise.ops.histogram import histogram
from pixelwise.ops.sides import Side, foreground_of

__all__ = ["Otsu", "otsu_level"]


@dataclass(frozen=True, kw_only=True)
class Otsu(Method[Foreground]):
    """Foreground is one side of the grey level that splits the histogram best.

    Of all levels it takes the one with the greatest variance between the two classes, that is
    share below x share above x (difference of the two means) squared. Good for two well-lit
    populations of like size; prefer ``triangle`` when the thing is tiny, ``sauvola`` when the
    light is uneven.

    Works on 8-bit, 16-bit and float, pictures and volumes. A constant picture has no foreground.

    Source:
        N. Otsu, "A Threshold Selection Method from Gray-Level Histograms", IEEE SMC 9(1), 1979.

    >>> dark_and_bright = np.array([[10, 12], [200, 210]], np.uint8)
    >>> Otsu()(Image(dark_and_bright)).mask.tolist()
    [[False, False], [True, True]]
    """

    name = "otsu"
    task = Task.FOREGROUND
    takes_volumes = True

    side: Side = setting(Side.BRIGHTER, "Which side of the level is foreground.")
    bins: int = setting(256, "Bins of the histogram.", low=2, high=65536)

    def segment(self, image: Image) -> Foreground:
        """Return the pixels on the wanted side of the level."""
        values = grey(image.pixels)
        return Foreground(foreground_of(values, otsu_level(values, self.bins), self.side))


def otsu_level(values: NDArray[np.generic], bins: int = 256) -> float:
    """Return Otsu's level: values above it are the brighter class.

    Args:
        values: Any shape, any real dtype; what is not finite is left out.
        bins: Bins between the least and the greatest value; integers of up to 8 bits always
            have one bin a level.

    >>> otsu_level(np.array([1, 1, 9, 9], np.uint8))
    1.0
    """
    counts, tops = histogram(values, bins)
    centres = (np.concatenate([tops[:1] - (tops[1:2] - tops[:1]), tops[:-1]]) + tops) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    mass = np.cumsum(counts * centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = mass[:-1] / below - (mass[-1] - mass[:-1]) / above
    variance = np.nan_to_num(below * above * gap**2)
    return float(tops[variance.argmax()]) if variance.size else float(tops[-1])

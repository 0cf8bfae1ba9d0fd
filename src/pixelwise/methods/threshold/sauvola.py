"""Sauvola's threshold: for text on uneven paper."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.methods.threshold.local_level import LocalLevel
from pixelwise.ops.colour import levels
from pixelwise.ops.filters import box_moments

__all__ = ["Sauvola"]

RANGE = 128.0
"""The greatest standard deviation of levels 0..255; R in the paper."""


@dataclass(frozen=True, kw_only=True)
class Sauvola(LocalLevel):
    """Foreground is what is brighter than a share of the mean around it.

    Level = mean x (1 + k x (deviation / 128 - 1)), both over the window, in levels 0..255: near
    the mean where there is contrast, well below it where there is none, so that flat stained
    paper stays paper. Made for dark text: ``side=darker`` is the text, the default the paper.
    Prefer ``niblack`` for faint strokes, ``otsu`` for clean scans.

    Pictures and volumes, any type; measured data is stretched to 0..255 first.

    Source:
        J. Sauvola, M. Pietikainen, "Adaptive document image binarization", Pattern Recognition
        33(2), 2000; means by running sums: Shafait, Keysers, Breuel, DRR 2008.

    >>> page = np.array([[200, 200, 20, 200, 200]], np.uint8)
    >>> Sauvola(radius=2)(Image(page)).mask.tolist()
    [[True, True, False, True, True]]
    """

    name = "sauvola"

    k: float = setting(0.2, "How far the level sinks below the mean in flat places; 0.1 to 0.5.")

    def scaled(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values as levels 0..255, whatever they are: the formula needs them so."""
        return levels(values)

    def level_of(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the level of each pixel."""
        mean, deviation = box_moments(values, self.radius)
        deviation *= np.float32(self.k / RANGE)
        deviation += np.float32(1 - self.k)
        return np.multiply(mean, deviation, out=mean)

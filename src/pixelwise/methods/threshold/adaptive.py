"""Adaptive threshold: brighter than its neighbourhood."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.methods.threshold.local_level import LocalLevel
from pixelwise.ops.filters import box_mean, gaussian

__all__ = ["Adaptive", "Window"]


class Window(StrEnum):
    """How the neighbours of a pixel are weighed."""

    MEAN = "mean"
    """All alike, in a square."""
    GAUSSIAN = "gaussian"
    """The nearer the more: a Gaussian whose 3 sigma are the radius."""


@dataclass(frozen=True, kw_only=True)
class Adaptive(LocalLevel):
    """Foreground is what is brighter than the mean around it, less an offset.

    Level = mean over the window - offset. A positive offset is right for dark ink on bright
    paper (with ``side=darker``), a negative one for bright things on dark ground; it keeps the
    noise of flat places out. Takes uneven light; prefer ``sauvola`` for text on stained paper,
    ``otsu`` when the light is even or the thing is larger than the window.

    Pictures and volumes. The offset counts levels of 0..255 whatever the type of a picture, or
    is in the units of measured data.

    Source:
        P.D. Wellner, "Adaptive Thresholding for the DigitalDesk", EuroPARC report EPC-93-110,
        1993; D. Bradley, G. Roth, J. Graphics Tools 12(2), 2007 (means by running sums).

    >>> uneven = np.array([[10, 30, 10, 60, 90, 60]], np.uint8)
    >>> Adaptive(radius=1, offset=-5)(Image(uneven)).mask.astype(int).tolist()
    [[0, 1, 0, 1, 1, 0]]
    """

    name = "adaptive"

    offset: float = setting(0.0, "Taken off the mean: levels 0..255, or the data's own units.")
    window: Window = setting(Window.MEAN, "How the neighbours are weighed.")

    def level_of(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the mean around each pixel, less the offset."""
        if self.window is Window.GAUSSIAN:
            return gaussian(values, self.radius / 3) - np.float32(self.offset)
        return box_mean(values, self.radius) - np.float32(self.offset)

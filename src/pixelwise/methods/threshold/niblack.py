"""Niblack's threshold: mean and deviation of the neighbourhood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.methods.threshold.local_level import LocalLevel
from pixelwise.ops.filters import box_moments

__all__ = ["Niblack"]


@dataclass(frozen=True, kw_only=True)
class Niblack(LocalLevel):
    """Foreground is what is brighter than the mean around it, less k standard deviations.

    Level = mean - k x deviation, both over the window: the level follows the contrast of the
    place. Finds faint things everywhere, and noise in flat places too; prefer ``sauvola``,
    which is calm there. Dark text: ``side=darker``, k 0.2; bright things: a negative k.

    Pictures and volumes, any type: the answer does not change with brightness or contrast.

    Source:
        W. Niblack, "An Introduction to Digital Image Processing", Prentice Hall, 1986. The sign
        of k is the one of scikit-image (Niblack's own k is minus ours).

    >>> Niblack(radius=1, k=0)(Image(np.array([[5, 5, 50, 5]], np.uint8))).mask.tolist()
    [[False, False, True, False]]
    """

    name = "niblack"

    k: float = setting(0.2, "How many standard deviations the level lies below the mean.")

    def level_of(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the mean less k deviations around each pixel."""
        mean, deviation = box_moments(values, self.radius)
        deviation *= np.float32(self.k)
        return np.subtract(mean, deviation, out=mean)

"""Otsu's threshold: the grey level that best splits a histogram in two."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from pixelwise.core import setting
from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.otsu import otsu_level

__all__ = ["Otsu"]


@dataclass(frozen=True, kw_only=True)
class Otsu(OneLevel):
    """Foreground is one side of the grey level that splits the histogram best.

    Of all levels it takes the one with the greatest variance between the two classes, that is
    share below x share above x (difference of the two means) squared. Good for two well-lit
    populations of like size; prefer ``triangle`` when the thing is tiny, ``multi-otsu`` when
    there are more than two populations, ``sauvola`` when the light is uneven.

    Works on 8-bit, 16-bit and float, pictures and volumes. A constant picture has no foreground.

    Source:
        N. Otsu, "A Threshold Selection Method from Gray-Level Histograms", IEEE SMC 9(1), 1979.

    >>> dark_and_bright = np.array([[10, 12], [200, 210]], np.uint8)
    >>> Otsu()(Image(dark_and_bright)).mask.tolist()
    [[False, False], [True, True]]
    """

    name = "otsu"

    bins: int = setting(256, "Bins of the histogram of floats.", low=2, high=65536)

    def level_of(self, values: NDArray[Any]) -> float:
        """Return Otsu's level."""
        return otsu_level(values, self.bins)

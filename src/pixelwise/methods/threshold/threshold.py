"""A fixed level, said by the user."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, setting
from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.ops.channels import level_unit, plane
from pixelwise.ops.sides import side_of

__all__ = ["Threshold"]


@dataclass(frozen=True, kw_only=True)
class Threshold(OneLevel):
    """Foreground is every pixel above a fixed level, or up to it for the darker side.

    The oldest rule of all: value > level. Right where the light never changes or the numbers
    mean something (bone lies above 300 Hounsfield units); prefer ``otsu`` where they do not.

    Works on pictures and volumes. The level counts 0..255 whatever the type of a picture (8-bit,
    16-bit, float 0..1); signed integers and floats outside 0..1 are measured data, and the level
    is in their own units. NaN is never foreground.

    Source:
        R. Gonzalez, R. Woods, "Digital Image Processing", chapter "Thresholding".

    >>> Threshold(level=100)(Image(np.array([[90, 110]], np.uint8))).mask.tolist()
    [[False, True]]
    >>> Threshold(level=300)(Image.volume(np.array([[[-1000, 40, 700]]], np.int16))).area
    1
    """

    name = "threshold"

    level: float = setting(128.0, "Values above it are bright: 0..255, or the data's own units.")

    def segment(self, image: Image) -> Foreground:
        """Return the pixels on the wanted side; a constant picture is judged like any other."""
        values = plane(image.pixels, self.channel)
        return Foreground(side_of(values, self.level_of(values), self.side))

    def level_of(self, values: NDArray[Any]) -> float:
        """Return the level in the values' own numbers."""
        return self.level * level_unit(values)

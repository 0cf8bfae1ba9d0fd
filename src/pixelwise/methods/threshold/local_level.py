"""What all methods with a level of its own for each pixel share."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Task, setting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.sides import Side, foreground_of

__all__ = ["LocalLevel"]


@dataclass(frozen=True, kw_only=True)
class LocalLevel(Method[Foreground]):
    """Foreground is one side of a level that :meth:`level_of` chooses around each pixel.

    NaN is never foreground and counts as the least value in its neighbours' windows. A constant
    picture has no foreground.
    """

    task = Task.FOREGROUND
    takes_volumes: ClassVar[bool] = True

    radius: int = setting(25, "Half the window, pixels.", low=1, high=10_000)
    side: Side = setting(Side.BRIGHTER, "Which side of the level is foreground.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the pixels on the wanted side of their own level."""
        values = plane(image.pixels, self.channel)
        scaled = values if values.dtype == np.uint8 else self.scaled(values)
        mask = foreground_of(scaled, self.level_of(scaled), self.side)
        return Foreground(mask & ~np.isnan(values) if values.dtype.kind == "f" else mask)

    def scaled(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values as levels: 0..255 for pictures, own units for measured data."""
        return levels_of(values)

    @abstractmethod
    def level_of(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the level of each pixel of ``values``, uint8 or float32 levels."""

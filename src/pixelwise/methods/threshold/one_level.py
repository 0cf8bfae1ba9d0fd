"""What all methods with one level for the whole picture share."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Provenance, Task, setting
from pixelwise.ops.channels import Channel, plane
from pixelwise.ops.sides import Side, foreground_of

__all__ = ["OneLevel"]


@dataclass(frozen=True, kw_only=True)
class OneLevel(Method[Foreground]):
    """Foreground is one side of a level that :meth:`level_of` chooses.

    The level is told in ``provenance.notes``, in the picture's own numbers. A constant picture
    has no foreground.
    """

    task = Task.FOREGROUND
    takes_volumes: ClassVar[bool] = True

    side: Side = setting(Side.BRIGHTER, "Which side of the level is foreground.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the pixels on the wanted side of the level."""
        values = plane(image.pixels, self.channel)
        level = self.level_of(values)
        notes = Provenance(notes=(f"level {level:g}",))
        return Foreground(foreground_of(values, level, self.side), provenance=notes)

    @abstractmethod
    def level_of(self, values: NDArray[Any]) -> float:
        """Return the level for these values: values above it are the brighter class."""

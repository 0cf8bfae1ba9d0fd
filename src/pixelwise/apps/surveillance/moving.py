"""Regions that move, one by one, for a tracker."""

from dataclasses import dataclass

from pixelwise.apps.surveillance.background import Background
from pixelwise.convert import to_instances
from pixelwise.core import Image, Instances
from pixelwise.errors import InvalidSetting

__all__ = ["Moving"]


@dataclass(frozen=True)
class Moving:
    """A segmenter: what a background subtraction says that moves, each connected part a thing.

    Args:
        background: Which one; it has a memory, so frames must come in order.
        least: Least area of a thing as a share of the picture.

    Raises:
        InvalidSetting: ``least`` is not a share.
    """

    background: Background
    least: float = 0.001

    def __post_init__(self) -> None:
        if not 0 <= self.least <= 1:
            raise InvalidSetting.of("least", self.least, "0 to 1")

    def __call__(self, image: Image) -> Instances:
        """Return the moving things of the next frame."""
        things = to_instances(self.background(image))
        return things[things.segments.area >= self.least * image.height * image.width]

"""A video that runs by the clock of another one."""

from collections.abc import Iterator
from pathlib import Path

from pixelwise.core import Image
from pixelwise.drawing import Picture
from pixelwise.io.video import VideoFile

__all__ = ["Moving"]

USUAL_S = 0.04
"""How long the last picture stays where the file tells no rate."""


class Moving:
    """A video file, picture by picture as time goes by; it begins anew at its end.

    Args:
        path: The video file.

    Raises:
        InputError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._video = VideoFile(path)
        self._frames: Iterator[Image] = iter(self._video)
        self._now, self._next = Picture(next(self._frames)), next(self._frames, None)
        self._zero = 0.0

    def at(self, time_s: float) -> Picture:
        """Return the picture of that time; times may only rise."""
        while self._next is not None and _time(self._next) + self._zero <= time_s:
            self._now, self._next = Picture(self._next), next(self._frames, None)
            if self._next is None:
                self._again()
        return self._now

    def _again(self) -> None:
        rate = self._video.facts.rate
        self._zero += _time(self._now.image) + (1 / float(rate) if rate else USUAL_S)
        self._frames = iter(self._video)
        self._next = next(self._frames)


def _time(image: Image) -> float:
    return image.space.time_s or 0.0

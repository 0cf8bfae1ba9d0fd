"""A video file that plays at its own speed, as a camera would give it."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

from pixelwise.core import Image
from pixelwise.io.video.reader import VideoFile

__all__ = ["Paced"]


class Paced:
    """A source: the pictures of a file, each when its time has come.

    Args:
        path: The video file.
        loops: Whether it begins anew at its end.
    """

    def __init__(self, path: Path, *, loops: bool = False) -> None:
        self._video, self._loops = VideoFile(path), loops
        self.name = self._video.name

    def __iter__(self) -> Iterator[Image]:
        """Yield the pictures; one that is due already comes at once."""
        while True:
            start: float | None = None
            for image in self._video:
                time_s = image.space.time_s or 0.0
                start = monotonic() - time_s if start is None else start
                wait = start + time_s - monotonic()
                if wait > 0:
                    sleep(wait)
                yield image
            if not self._loops:
                return

"""A film that plays at its own speed, as a camera would give it."""

from collections.abc import Iterator
from time import monotonic, sleep

from pixelwise.core import Image
from pixelwise.io.video.film import Film

__all__ = ["Paced"]


class Paced:
    """A source: the pictures of a film, each when its time has come.

    Args:
        film: A video file, or a folder of pictures.
        loops: Whether it begins anew at its end.
    """

    def __init__(self, film: Film, *, loops: bool = False) -> None:
        self._film, self._loops = film, loops
        self.name = film.name

    def __iter__(self) -> Iterator[Image]:
        """Yield the pictures; one that is due already comes at once."""
        while True:
            start: float | None = None
            for image in self._film:
                time_s = image.space.time_s or 0.0
                start = monotonic() - time_s if start is None else start
                wait = start + time_s - monotonic()
                if wait > 0:
                    sleep(wait)
                yield image
            if not self._loops:
                return

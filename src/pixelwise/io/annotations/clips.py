"""Frames of videos gathered clip by clip, and the numbers of their tracks."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from pixelwise.errors import OutputError
from pixelwise.io.annotations.dataset import Sample

__all__ = ["TrackNumbers", "clip_of", "clips", "frame_of", "one_size"]


class TrackNumbers:
    """Numbers for the tracks of one clip, small and each once; what has no track gets its own.

    Args:
        first: The least number.

    >>> numbers = TrackNumbers(1)
    >>> numbers.of(700), numbers.of(-1), numbers.of(700)
    (1, 2, 1)
    """

    def __init__(self, first: int = 1) -> None:
        self._next = first
        self._known: dict[int, int] = {}

    def of(self, track: int) -> int:
        """Return the number of a track."""
        if track >= 0 and track in self._known:
            return self._known[track]
        number = self._next
        self._next += 1
        if track >= 0:
            self._known[track] = number
        return number


def clips(samples: Iterable[Sample]) -> Iterator[tuple[str, list[Sample]]]:
    """Yield the clips one after the other, each with its frames; one clip is in memory."""
    for name, frames in groupby(samples, key=clip_of):
        yield name, list(frames)


def one_size(clip: str, frames: Iterable[Sample]) -> tuple[int, int]:
    """Return (height, width) of the frames of a clip.

    Raises:
        OutputError: They differ.
    """
    sizes = dict.fromkeys(frame.size for frame in frames)
    if len(sizes) != 1:
        few = ", ".join(f"{height} x {width}" for height, width in list(sizes)[:3])
        raise OutputError(
            f"{clip}: the frames of a video must have one size, these have {few}; "
            "pictures that are no video go into another format"
        )
    return next(iter(sizes))


def clip_of(sample: Sample) -> str:
    """Return the name of the video: what was said, or the folder of the picture."""
    return sample.clip or sample.name.rpartition("/")[0] or "clip"


def frame_of(sample: Sample, place: int) -> int:
    """Return the number of a frame: what was said, or its place in the clip."""
    return sample.frame if sample.clip else place

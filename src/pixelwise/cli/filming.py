"""What the commands that take a video file share: a source that counts, a sink by the name."""

from collections.abc import Iterator
from pathlib import Path

from pixelwise.cli.progress import Frames
from pixelwise.core import Image
from pixelwise.io.atomic import make_folder
from pixelwise.io.video import PictureSequence, VideoFile, VideoWriter

__all__ = ["Counted", "sink_for"]


class Counted:
    """A source that moves the bar."""

    def __init__(self, source: VideoFile, frames: Frames) -> None:
        self._source, self._frames = source, frames

    def __iter__(self) -> Iterator[Image]:
        for image in self._source:
            yield image
            self._frames.step()


def sink_for(
    place: Path, source: VideoFile, quality: int | None, *, sound: bool
) -> VideoWriter | PictureSequence:
    """Return what writes the pictures: a video with the source's sound, or numbered files."""
    make_folder(place.parent)
    if PictureSequence.is_one(place):
        return PictureSequence(place)
    return VideoWriter(
        place,
        like=source.facts,
        sound=source.path if sound and source.facts.has_audio else None,
        quality=quality,
    )

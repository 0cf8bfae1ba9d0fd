"""A video where a picture is expected: its first frame, and a word about the others."""

from dataclasses import replace
from pathlib import Path

from pixelwise.core import Image
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.video.reader import VideoFile

__all__ = ["FIRST_FRAME", "FirstFrame"]


class FirstFrame(Format):
    """Reads the first frame of a video."""

    name = "video"
    reads = (Image,)

    def read(self, path: Path, rules: Reading) -> Thing:
        """Return the first frame, with a note.

        Raises:
            InputError: It cannot be read.
            LimitError: It is over the limits.
        """
        video = VideoFile(path, rules.limits)
        image = next(iter(video))
        note = "first frame of a video: `pixelwise video` works on all of them"
        return replace(image, notes=(*image.notes, note))


FIRST_FRAME = FirstFrame()

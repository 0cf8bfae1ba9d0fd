"""What the commands that take a film share: a source that counts, a sink by the name."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli.progress import Frames
from pixelwise.core import Image
from pixelwise.errors import InvalidSetting, UsageError
from pixelwise.io.atomic import make_folder
from pixelwise.io.video import Film, PictureFrames, PictureSequence, VideoFile, VideoWriter

__all__ = ["Counted", "Rate", "film_of", "sink_for"]

Rate = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="Pictures a second of a folder, 25 if left out: 29.97."),
]


def film_of(path: Path, rate: str | None = None) -> Film:
    """Return the film at a place: a video file, a folder of pictures, or a name_%05d.png.

    Raises:
        InputError: There is none.
        LimitError: Its pictures are over the limits.
        UsageError: A rate is given for a video, which has its own times.
        InvalidSetting: The rate is none.
    """
    if path.is_dir() or (PictureSequence.is_one(path) and not path.exists()):
        return PictureFrames(path) if rate is None else PictureFrames(path, _fraction(rate))
    if rate is not None:
        raise UsageError("--rate is for folders of pictures: a video has its own times")
    return VideoFile(path)


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidSetting.of("--rate", text, "a number, as 25 or 30000/1001") from error


class Counted:
    """A source that moves the bar."""

    def __init__(self, film: Film, frames: Frames) -> None:
        self._film, self._frames = film, frames

    def __iter__(self) -> Iterator[Image]:
        for image in self._film:
            yield image
            self._frames.step()


def sink_for(
    place: Path, film: Film, quality: int | None, codec: str | None = None, *, sound: bool
) -> VideoWriter | PictureSequence:
    """Return what writes the pictures: a video with the film's sound, or numbered files.

    Raises:
        UsageError: The files would lie among the pictures that are read.
        OutputError: No video is written so.
    """
    make_folder(place.parent)
    if not PictureSequence.is_one(place):
        return VideoWriter(
            place,
            like=film.facts,
            sound=film.path if sound and film.facts.has_audio else None,
            quality=quality,
            codec=codec,
        )
    if isinstance(film, PictureFrames) and place.parent.samefile(film.folder):
        raise UsageError(f"{place}: the pictures that are read lie there; give another folder")
    return PictureSequence(place)

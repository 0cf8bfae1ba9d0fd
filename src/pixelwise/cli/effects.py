"""What is shown of each frame of a video: one row an effect."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pixelwise.convert import to_foreground
from pixelwise.core import Image, Result
from pixelwise.drawing import (
    Background,
    Picture,
    Transparent,
    composite,
    cutout,
    draw,
    mask_picture,
    parse_background,
)
from pixelwise.errors import InputError, UnknownName
from pixelwise.io.files import read
from pixelwise.io.video import CONTAINERS, VideoFile
from pixelwise.pipeline import Show

__all__ = ["EFFECTS", "Moving", "effect", "is_clear", "show_before"]

EFFECTS: Mapping[str, Show] = {
    "overlay": draw,
    "mask": lambda _, result: mask_picture(to_foreground(result)),
    "cutout": lambda image, result: cutout(image, to_foreground(result)),
}
"""Effect -> picture and result to picture; ``composite`` needs a background, see show_before."""

COMPOSITE = "composite"


class Moving:
    """A video as the background: it runs by its own clock and begins anew at its end.

    Args:
        path: The video file.
    """

    def __init__(self, path: Path) -> None:
        self._video = VideoFile(path)
        self._frames: Iterator[Image] = iter(self._video)
        self._now, self._next = next(self._frames), next(self._frames, None)
        self._zero, self._last = 0.0, 0.0

    def at(self, time_s: float) -> Image:
        """Return the picture of that time; times may only rise."""
        while self._next is not None and _time(self._next) + self._zero <= time_s:
            self._now, self._next = self._next, next(self._frames, None)
            if self._next is None:
                self._again()
        return self._now

    def _again(self) -> None:
        rate = self._video.facts.rate
        self._zero += _time(self._now) + (1 / float(rate) if rate else 0.04)
        self._frames = iter(self._video)
        self._next = next(self._frames)


def effect(name: str, background: str | None) -> Show:
    """Return what makes the picture that is written.

    Args:
        name: ``composite`` or a row of EFFECTS.
        background: For ``composite``: what the user wrote.

    Raises:
        UnknownName: There is no such effect.
        InvalidSetting: The background is none.
    """
    if name == COMPOSITE:
        return show_before(background or "blur")
    if name not in EFFECTS:
        raise UnknownName.among("video output", name, [COMPOSITE, *EFFECTS])
    return EFFECTS[name]


def show_before(text: str) -> Show:
    """Return the composite before a background, which may be a video file."""
    place = Path(text)
    if place.suffix.lower() in CONTAINERS and place.is_file():
        moving = Moving(place)
        return lambda image, result: _before(
            image, result, Picture(moving.at(image.space.time_s or 0.0))
        )
    background = parse_background(text, read)
    return lambda image, result: _before(image, result, background)


def is_clear(name: str, background: str | None) -> bool:
    """Whether the pictures of that effect have alpha."""
    if name == COMPOSITE:
        text = background or "blur"
        return not Path(text).is_file() and parse_background(text, _unread) == Transparent()
    return name == "cutout"


def _before(image: Image, result: Result, background: Background) -> Image:
    return composite(image, to_foreground(result), background)


def _unread(path: str) -> Image:
    raise InputError(f"{path} is not read here")


def _time(image: Image) -> float:
    return image.space.time_s or 0.0

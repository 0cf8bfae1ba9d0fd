"""What can stand behind a foreground, and the one place where text becomes one of these."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageColor

from pixelwise.core import Image
from pixelwise.errors import InvalidSetting

__all__ = [
    "Background",
    "Blur",
    "CleanBlur",
    "Colour",
    "Picture",
    "Transparent",
    "parse_background",
]

WIDEST = 2001
"""Kernels wider than this differ from a plain colour only in the time they take."""


@dataclass(frozen=True, slots=True)
class Blur:
    """The picture's own background under a Gaussian blur, as ``cv2.GaussianBlur`` makes it.

    Args:
        size: Side of the kernel in pixels, 1 to 2001; even ones are taken as they are.

    Raises:
        InvalidSetting: The size is out of range.
    """

    size: int = 55

    def __post_init__(self) -> None:
        if not 1 <= self.size <= WIDEST:
            raise InvalidSetting.of("blur", self.size, f"1 to {WIDEST} pixels")


@dataclass(frozen=True, slots=True)
class CleanBlur(Blur):
    """The same blur of the background alone: no glow of the foreground's colours around it."""


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour.

    Args:
        rgb: Red, green, blue, 0..255.

    Raises:
        InvalidSetting: Not three numbers of 0..255.
    """

    rgb: tuple[int, int, int]

    def __post_init__(self) -> None:
        if len(self.rgb) != 3 or not all(0 <= level <= 255 for level in self.rgb):
            raise InvalidSetting.of("colour", self.rgb, "three numbers of 0 to 255")


@dataclass(frozen=True, slots=True)
class Picture:
    """Another picture, enlarged or shrunk to cover, its middle kept."""

    image: Image


@dataclass(frozen=True, slots=True)
class Transparent:
    """Nothing: the answer has an alpha channel."""


Background = Blur | CleanBlur | Colour | Picture | Transparent


def parse_background(text: str, read: Callable[[str], Image]) -> Background:
    """Return the background that a user wrote.

    Args:
        text: ``blur``, ``blur:55``, ``clean-blur``, ``clean-blur:55``, ``none`` or
            ``transparent``, a colour (``blue``, ``#00f``, ``rgb(0, 0, 255)``), or the path of a
            picture.
        read: How a path becomes a picture.

    Raises:
        InvalidSetting: It is none of these.

    >>> def nothing(path: str) -> Image: raise FileNotFoundError(path)
    >>> parse_background("blur:31", nothing), parse_background("#00f", nothing)
    (Blur(size=31), Colour(rgb=(0, 0, 255)))
    """
    name, _, amount = text.strip().partition(":")
    kinds: dict[str, type[Blur]] = {"blur": Blur, "clean-blur": CleanBlur}
    if name.lower() in kinds:
        return kinds[name.lower()](_pixels(amount)) if amount else kinds[name.lower()]()
    if text.strip().lower() in ("none", "transparent"):
        return Transparent()
    if Path(text).is_file():
        return Picture(read(text))
    try:
        red, green, blue = ImageColor.getrgb(text.strip())[:3]
    except ValueError as error:
        expected = "blur, blur:PIXELS, clean-blur, none, a colour or the path of a picture"
        raise InvalidSetting.of("background", text, expected) from error
    return Colour((red, green, blue))


def _pixels(amount: str) -> int:
    try:
        return int(amount)
    except ValueError as error:
        raise InvalidSetting.of("blur", amount, "a whole number of pixels") from error

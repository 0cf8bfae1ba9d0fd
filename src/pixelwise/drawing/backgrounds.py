"""What can stand behind a foreground, and the one place where text becomes one of these."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from pixelwise.core import Image
from pixelwise.drawing.screen import screen_pixels
from pixelwise.errors import InvalidSetting
from pixelwise.ops.planar import Planar, planes_of
from pixelwise.ops.yuv import Planes

__all__ = [
    "Background",
    "Blur",
    "CleanBlur",
    "Colour",
    "Picture",
    "Transparent",
    "parse_background",
]

T = TypeVar("T")

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

    def pixels(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return a picture of (height, width) full of it, (H, W, 3) uint8, not to be changed."""
        row = np.tile(np.array(self.rgb, np.uint8), (size[1], 1))  # rows are copied in no time
        return np.broadcast_to(row, (*size, 3))

    def planes(self, size: tuple[int, int], weights: tuple[float, float]) -> Planes:
        """Return the same as video keeps it, with shares of red and blue in the luma."""
        luma, u, v = (int(plane[0, 0]) for plane in planes_of(self.pixels((2, 2)).copy(), weights))
        half = (size[0] // 2, size[1] // 2)
        return np.full(size, luma, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8)


@dataclass(frozen=True, slots=True)
class Picture:
    """Another picture, enlarged or shrunk to cover, its middle kept.

    What it looked like at the last size is kept, as frames of a video are all of one size.
    """

    image: Image
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def pixels(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return its middle resized to (height, width), (H, W, 3) uint8, not to be changed.

        >>> Picture(Image(np.zeros((4, 9, 3), np.uint8))).pixels((2, 2)).shape
        (2, 2, 3)
        """
        return self._once(size, lambda: _covering(screen_pixels(self.image), size))

    def planes(self, size: tuple[int, int], weights: tuple[float, float]) -> Planes:
        """Return the same as video keeps it, with shares of red and blue in the luma."""
        plane = self.image.plane
        if isinstance(plane, Planar) and plane.shape[:2] == size and plane.weights == weights:
            return plane.planes
        return self._once((size, weights), lambda: planes_of(self.pixels(size), weights))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        kept: T | None = self._kept.get(key)
        if kept is None:
            kept = make()
            self._kept.clear()
            self._kept[key] = kept
        return kept


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


def _covering(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the middle of a picture, resized so that it covers (height, width)."""
    height, width = size
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    rows = max(1, min(pixels.shape[0], round(height / scale)))
    columns = max(1, min(pixels.shape[1], round(width / scale)))
    top, left = (pixels.shape[0] - rows) // 2, (pixels.shape[1] - columns) // 2
    middle = pixels[top : top + rows, left : left + columns]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(middle, (width, height), interpolation=way), np.uint8)

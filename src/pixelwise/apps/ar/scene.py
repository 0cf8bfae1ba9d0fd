"""A frame with virtual things in it, each before or behind the person."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.ar.layers import Layer
from pixelwise.apps.ar.light import Look, darken, shadow, wrapped
from pixelwise.apps.ar.moving import Moving
from pixelwise.apps.ar.steady import Steady
from pixelwise.apps.ar.view import View
from pixelwise.convert import to_foreground
from pixelwise.core import Image, Result
from pixelwise.drawing import (
    Background,
    Picture,
    Transparent,
    alpha_levels,
    backdrop,
    screen_pixels,
)
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.ops.blend import paste
from pixelwise.ops.matte import foreground_colours, paste_clean

__all__ = ["Behind", "Scene"]

U8 = NDArray[np.uint8]
Behind = Background | Moving | None
"""What is behind everything; None: what the camera sees."""
Drawn = tuple[tuple[slice, slice], U8]
"""A window of the frame, and RGBA pixels for it."""

AROUND = 32
"""Pixels around virtual things in which the person's own colours are looked for."""


class Scene:
    """What is shown of a frame: background, things behind, the person, things before.

    Called with one frame after the other, each with a later time, as ``show`` of
    ``pipeline.run`` and ``run_live`` do.

    Args:
        layers: The virtual things, the farthest first.
        background: What is behind everything; None: what the camera sees.
        look: Light, shadows and parallax.

    Raises:
        InvalidSetting: The background is transparent: light and things need something to be on.

    >>> scene = Scene([])
    >>> image, nobody = Image(np.full((4, 4, 3), 9, np.uint8)), Foreground(np.zeros((4, 4), bool))
    >>> scene(image, nobody).pixels.max()
    np.uint8(9)
    """

    def __init__(
        self, layers: Sequence[Layer], background: Behind = None, look: Look | None = None
    ) -> None:
        if isinstance(background, Transparent):
            raise InvalidSetting.of("background", "none", "what virtual things can stand before")
        self._layers, self._background = tuple(layers), background
        self._look = look or Look()
        self._lean = Steady()

    def __call__(self, image: Image, result: Result) -> Image:
        """Return the frame as it is shown, RGB (H, W, 3) uint8.

        Raises:
            InputError: Picture and result differ in size, or are volumes.
        """
        foreground = to_foreground(result)
        if image.size != foreground.size or image.is_volume:
            raise InputError(f"the picture is {image.size} but the result {foreground.size}")
        view = View(screen_pixels(image), alpha_levels(foreground), image.space.time_s or 0.0)
        view = replace(view, shift=self._shift(view))
        back, front = self._drawn(view)
        made = self._behind(view)
        self._shade(made, view, back)
        for window, pixels in back:
            _lay(made, window, pixels)
        self._lay_person(made, view, back)
        for window, pixels in front:
            _lay(made, window, pixels)
        return image.with_pixels(made)

    def _drawn(self, view: View) -> tuple[list[Drawn], list[Drawn]]:
        """Return the pixels of the things behind and of those before the person."""
        found: tuple[list[Drawn], list[Drawn]] = ([], [])
        for layer in self._layers:
            placed = layer.placed(view)
            if placed is None:
                continue
            texture, place = placed
            drawn = texture.drawn(place.corners, view.size)
            if drawn is not None:
                found[place.is_front].append(drawn)
        return found

    def _behind(self, view: View) -> U8:
        """Return what is behind everything, a new array."""
        background = self._background
        if background is None:
            return view.pixels.copy()
        if isinstance(background, Moving):
            background = background.at(view.time_s)
        if isinstance(background, Picture) and self._look.parallax:
            return self._moved(background, view)
        return backdrop(view.pixels, view.alpha, background)

    def _moved(self, picture: Picture, view: View) -> U8:
        """Return a picture behind the frame; larger than it, and moved against the person."""
        spare = 1 + 2 * self._look.parallax
        whole = picture.pixels((round(view.size[0] * spare), round(view.size[1] * spare)))
        height, width = view.size
        x, y = view.shift
        middle = ((whole.shape[1] - 1) / 2 - x, (whole.shape[0] - 1) / 2 - y)
        return np.asarray(cv2.getRectSubPix(whole, (width, height), middle), np.uint8)

    def _shift(self, view: View) -> tuple[float, float]:
        """Return by how many pixels the background gives way."""
        if not self._look.parallax or view.box is None or view.head is None:
            return 0.0, 0.0
        height, width = view.size
        found = np.array([view.head.x, view.head.top])
        x, y = self._lean(found, view.time_s)
        most = self._look.parallax * np.array([width, height])
        lean = np.clip([1 - 2 * x / width, 0.5 - y / height], -1, 1) * most
        return float(lean[0]), float(lean[1])

    def _shade(self, made: U8, view: View, back: Sequence[Drawn]) -> None:
        """Let the things throw shadows on what is behind, and the person on the things.

        Before a background of another place the person throws one there, too.
        """
        if not self._look.shadow:
            return
        strength = self._look.shadow
        thrown = np.zeros(view.size, np.uint8)
        for window, pixels in back:
            np.maximum(thrown[window], pixels[..., 3], out=thrown[window])
        if self._background is not None:
            np.maximum(thrown, view.alpha, out=thrown)
        darken(made, shadow(thrown, strength))
        own = shadow(view.alpha, strength) if back else thrown
        for window, pixels in back:
            colours = np.ascontiguousarray(pixels[..., :3])
            darken(colours, np.ascontiguousarray(own[window]))
            pixels[..., :3] = colours

    def _lay_person(self, made: U8, view: View, back: Sequence[Drawn]) -> None:
        """Lay the person over all this; before the real background only where things are."""
        if self._background is not None:
            area = (slice(0, view.size[0]), slice(0, view.size[1]))
        elif back:
            area = _around([window for window, _ in back], view.size)
        else:
            return
        alpha = np.ascontiguousarray(view.alpha[area])
        behind = np.ascontiguousarray(made[area])
        pixels = np.ascontiguousarray(view.pixels[area])
        if self._look.wrap:
            colours = foreground_colours(pixels, alpha)
            paste(behind, wrapped(colours, alpha, behind, self._look.wrap, view.size[0]), alpha)
        else:
            paste_clean(behind, pixels, alpha)
        made[area] = behind


def _lay(made: U8, window: tuple[slice, slice], pixels: U8) -> None:
    onto = np.ascontiguousarray(made[window])
    paste(onto, np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))
    made[window] = onto


def _around(windows: Sequence[tuple[slice, slice]], size: tuple[int, int]) -> tuple[slice, slice]:
    """Return the window that holds them all, and some pixels around."""
    rows, columns = ([window[axis] for window in windows] for axis in (0, 1))
    return (
        slice(
            max(min(part.start for part in rows) - AROUND, 0),
            min(max(part.stop for part in rows) + AROUND, size[0]),
        ),
        slice(
            max(min(part.start for part in columns) - AROUND, 0),
            min(max(part.stop for part in columns) + AROUND, size[1]),
        ),
    )

"""The public composite: what users write for a background becomes one."""

from collections.abc import Sequence

import numpy as np

from pixelwise import drawing
from pixelwise.convert import to_foreground
from pixelwise.core import Image, Result
from pixelwise.drawing import Background, Colour, Picture, parse_background
from pixelwise.errors import InvalidSetting
from pixelwise.io.files import read

__all__ = ["composite"]

Wanted = str | Background | Image | Sequence[int]
"""``"blur"``, ``"blur:55"``, ``"blue"``, ``"#00f"``, ``"none"``, a path, a picture, or RGB."""


def composite(image: Image, result: Result, background: Wanted) -> Image:
    """Return the foreground before another background, softly joined.

    Args:
        image: The picture.
        result: What stays: a foreground, or any result, whose things stay.
        background: ``"blur"`` or ``"blur:PIXELS"``, ``"clean-blur"``, a colour (``"blue"``,
            ``"#00f"``, or red, green, blue of 0..255), the path of a picture or an
            :class:`Image`, ``"transparent"``, or one of the backgrounds of ``pixelwise.drawing``.

    Returns:
        RGB (H, W, 3) uint8, or RGBA before nothing, in the picture's space.

    Raises:
        InvalidSetting: The background is none of these.
        InputError: Sizes differ.

    >>> picture, nobody = Image(np.zeros((2, 2, 3), np.uint8)), Foreground(np.zeros((2, 2), bool))
    >>> composite(picture, nobody, "blue").pixels[0, 0].tolist()
    [0, 0, 255]
    """
    return drawing.composite(image, to_foreground(result), _background(background))


def _background(wanted: Wanted) -> Background:
    if isinstance(wanted, str):
        return parse_background(wanted, read)
    if isinstance(wanted, Image):
        return Picture(wanted)
    if not isinstance(wanted, Background):
        rgb = np.asarray(wanted)
        if rgb.shape != (3,) or rgb.dtype.kind not in "iu":
            raise InvalidSetting.of("background", wanted, "text, a picture, or red, green, blue")
        return Colour((int(rgb[0]), int(rgb[1]), int(rgb[2])))
    return wanted

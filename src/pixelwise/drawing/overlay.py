"""A result laid over its picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Regions, Result
from pixelwise.drawing.layers import Layers, layers_of
from pixelwise.drawing.lettering import write_captions, write_legend
from pixelwise.drawing.screen import flattened, screen_pixels

__all__ = ["draw", "outlines"]

TINT = 0.45
"""Share of the colour over what is claimed; regions without names get less."""

REGION_TINT = 0.35
REGION_LINE = (255, 255, 255)

PIXELS_A_LINE = 500
"""One more pixel of outline for so many of the picture's mean side."""


def draw(image: Image, result: Result) -> Image:
    """Return the picture with a result over it: colours, crisp outlines, names and a legend.

    Classes have the legend's colours, things each their own, which colour-blind readers tell
    apart; the names and scores of things stand at their boxes. Nothing is painted on void and on
    the background. Of a volume, the slice with most in it is shown.

    Args:
        image: The picture that was segmented.
        result: Any of the five results, of the same size.

    Returns:
        RGB (H, W, 3) uint8 of the picture's size.

    Raises:
        InputError: Sizes differ.

    >>> image = Image(np.zeros((40, 40, 3), np.uint8))
    >>> mask = np.zeros((40, 40), bool)
    >>> mask[10:30, 10:30] = True
    >>> made = draw(image, Foreground(mask)).pixels
    >>> made[0, 0].tolist(), made[20, 20].tolist()
    ([0, 0, 0], [9, 99, 63])
    """
    image, result = flattened(image, result)
    layers = layers_of(result)
    pixels = screen_pixels(image)
    colour = _coloured(layers)
    tint = REGION_TINT if isinstance(result, Regions) else TINT
    drawn = pixels.copy()
    cv2.copyTo(cv2.addWeighted(pixels, 1 - tint, colour, tint, 0), layers.index, drawn)
    if isinstance(result, Regions):
        colour[...] = REGION_LINE
    _line(drawn, layers, colour, sides=1 if isinstance(result, Regions) else 2)
    write_legend(drawn, layers.rows, write_captions(drawn, layers.captions))
    return image.with_pixels(drawn)


def outlines(image: Image, result: Result) -> Image:
    """Return the picture with only the outlines of a result, each in its colour.

    Args:
        image: The picture that was segmented.
        result: Any of the five results, of the same size.

    Returns:
        RGB (H, W, 3) uint8 of the picture's size.

    Raises:
        InputError: Sizes differ.

    >>> image = Image(np.zeros((40, 40, 3), np.uint8))
    >>> outlines(image, Foreground(np.ones((40, 40), bool))).pixels.max()
    np.uint8(0)
    """
    image, result = flattened(image, result)
    layers = layers_of(result)
    drawn = screen_pixels(image).copy()
    _line(drawn, layers, _coloured(layers), sides=2)
    return image.with_pixels(drawn)


def _coloured(layers: Layers) -> NDArray[np.uint8]:
    return np.asarray(cv2.applyColorMap(layers.index, layers.colours[:, np.newaxis]), np.uint8)


def _line(
    drawn: NDArray[np.uint8], layers: Layers, colour: NDArray[np.uint8], *, sides: int
) -> None:
    """Draw the boundaries, in place: as wide on each of 2 sides, or as wide in all."""
    height, width = drawn.shape[:2]
    breadth = max(round((height * width) ** 0.5 / PIXELS_A_LINE), 1)
    reach = sides * breadth + 1
    shape = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    edges = cv2.dilate(layers.parts, shape) != cv2.erode(layers.parts, shape)
    cv2.copyTo(colour, (edges & (layers.index > 0)).view(np.uint8), drawn)

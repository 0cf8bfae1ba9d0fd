"""One plane of a picture: grey, a colour, or an axis of a colour space."""

from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.colour import grey, levels, rgb8
from pixelwise.ops.slabs import finite_range

__all__ = ["Channel", "level_unit", "levels_of", "plane"]


class Channel(StrEnum):
    """The plane of the picture that is looked at."""

    GREY = "grey"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    HUE = "hue"
    """Once round the colour circle from red to red."""
    SATURATION = "saturation"
    VALUE = "value"
    LIGHTNESS = "lightness"
    """L of CIELAB."""
    A = "a"
    """From green to red, CIELAB; neutral in the middle."""
    B = "b"
    """From blue to yellow, CIELAB; neutral in the middle."""


BANDS = {Channel.RED: 0, Channel.GREEN: 1, Channel.BLUE: 2}
HSV = {Channel.HUE: 0, Channel.SATURATION: 1, Channel.VALUE: 2}
LAB = {Channel.LIGHTNESS: 0, Channel.A: 1, Channel.B: 2}


def plane(pixels: NDArray[Any], channel: Channel = Channel.GREY) -> NDArray[Any]:
    """Return one channel (H, W) or (D, H, W) of the pixels.

    Grey, red, green and blue keep the pixels' own type (bool becomes 0 and 255). The others are
    uint8 0..255 of uint8 pixels and float32 0..1 of all else. Without colour, red, green and
    blue are the grey itself. What is not finite in any colour is NaN.

    Args:
        pixels: (H, W, C) or (D, H, W, C).
        channel: The wanted plane.

    >>> plane(np.uint8([[[255, 0, 0]]]), Channel.SATURATION).tolist()
    [[255]]
    """
    if pixels.dtype.kind == "b":
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    if channel is Channel.GREY:
        return grey(pixels)
    if channel in BANDS:
        band = BANDS[channel] if pixels.shape[-1] >= 3 else 0
        return np.ascontiguousarray(pixels[..., band])
    return _of_space(pixels, channel)


def _of_space(pixels: NDArray[Any], channel: Channel) -> NDArray[Any]:
    size = pixels.shape[:-1]
    band = (HSV | LAB)[channel]
    flat = pixels.reshape(-1, size[-1], pixels.shape[-1])
    if pixels.dtype == np.uint8:
        code = cv2.COLOR_RGB2HSV_FULL if channel in HSV else cv2.COLOR_RGB2LAB
        return np.ascontiguousarray(cv2.cvtColor(rgb8(flat), code)[..., band]).reshape(size)
    colours = flat[..., :3] if flat.shape[-1] >= 3 else np.repeat(flat[..., :1], 3, axis=-1)
    scaled = levels(np.ascontiguousarray(colours)) / np.float32(255)
    code = cv2.COLOR_RGB2HSV if channel in HSV else cv2.COLOR_RGB2LAB
    values = np.ascontiguousarray(cv2.cvtColor(scaled, code)[..., band])
    shift, scale = _RANGES[channel]
    values = (values + np.float32(shift)) * np.float32(scale)
    values[~np.isfinite(colours).all(axis=-1)] = np.nan
    return values.reshape(size)


_RANGES = {
    Channel.HUE: (0, 1 / 360),
    Channel.SATURATION: (0, 1),
    Channel.VALUE: (0, 1),
    Channel.LIGHTNESS: (0, 1 / 100),
    Channel.A: (128, 1 / 255),
    Channel.B: (128, 1 / 255),
}
"""Shift and scale that bring OpenCV's float colour spaces to 0..1."""


def level_unit(values: NDArray[Any]) -> float:
    """Return how much one level of 0..255 is in the values' own numbers.

    Unsigned integers span their whole range and floats within 0..1 are pictures; everything else
    is measured data, where a level is one unit of the data (one Hounsfield unit).

    >>> level_unit(np.zeros(1, np.uint16)), level_unit(np.zeros(1, np.int16))
    (257.0, 1.0)
    """
    if values.dtype.kind == "u":
        return float(np.iinfo(values.dtype).max / 255)
    if values.dtype.kind != "f":
        return 1.0
    ends = finite_range(values)
    return 1 / 255 if ends is not None and ends[0] >= 0 and ends[1] <= 1 else 1.0


def levels_of(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return a plane in levels, float32: 0..255 for pictures, own units for measured data.

    What is not finite becomes the least finite value.

    >>> levels_of(np.float32([0, 1, np.nan])).tolist()
    [0.0, 255.0, 0.0]
    """
    scaled = values.astype(np.float32)
    unit = level_unit(values)
    if unit != 1:
        scaled *= np.float32(1 / unit)
    if values.dtype.kind == "f" and not (finite := np.isfinite(scaled)).all():
        scaled[~finite] = scaled[finite].min() if finite.any() else 0
    return scaled

"""Colour spaces, and one documented road from any pixel type to levels."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["grey", "lab", "levels", "rgb8"]


def levels(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return pixels as levels 0..255, float32, whatever their type.

    Unsigned integers span their whole range; bool is 0 and 255. Floats within 0..1 are
    multiplied by 255. Other numbers (Hounsfield units, reflectances) are stretched from their
    least to their greatest finite value. NaN becomes 0, infinities the ends.

    >>> levels(np.array([0, 65535], np.uint16)).tolist()
    [0.0, 255.0]
    """
    kind = pixels.dtype.kind
    if kind == "b":
        return pixels.astype(np.float32) * np.float32(255)
    if kind == "u":
        top = np.iinfo(pixels.dtype).max
        return pixels.astype(np.float32) * np.float32(255 / top)
    return _stretched(pixels)


def _stretched(pixels: NDArray[Any]) -> NDArray[np.float32]:
    values: NDArray[Any] = pixels.astype(np.float64 if pixels.dtype.itemsize > 4 else np.float32)
    finite = np.isfinite(values)
    seen = values if finite.all() else values[finite]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
    if pixels.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    if not finite.all():
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    scale = 255 / (high - low) if high > low else 0.0
    return ((values - low) * scale).astype(np.float32)


def rgb8(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels (..., C) as RGB (..., 3) uint8; alpha is dropped, more bands lose the rest.

    >>> rgb8(np.zeros((2, 2, 1), np.uint16)).shape
    (2, 2, 3)
    """
    if pixels.dtype != np.uint8:
        pixels = np.rint(levels(pixels)).astype(np.uint8)
    if pixels.shape[-1] < 3:  # grey, or grey with alpha
        return np.repeat(pixels[..., :1], 3, axis=-1)
    return np.ascontiguousarray(pixels[..., :3])


def grey(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return one channel (...) in the pixels' own type: Rec. 601 luma of RGB, else the first.

    >>> grey(np.full((1, 1, 3), 7, np.uint8)).tolist()
    [[7]]
    """
    if pixels.shape[-1] < 3:
        return np.ascontiguousarray(pixels[..., 0])
    rgb = np.ascontiguousarray(pixels[..., :3])
    if rgb.ndim == 3 and rgb.dtype in (np.uint8, np.uint16, np.float32):
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    return (np.rint(luma) if rgb.dtype.kind in "iu" else luma).astype(rgb.dtype)


def lab(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return CIELAB (H, W, 3) float32, L 0..100, of an sRGB picture (H, W, C).

    >>> lab(np.full((1, 1, 3), 255, np.uint8)).round().tolist()
    [[[100.0, 0.0, 0.0]]]
    """
    levels01 = levels(pixels if pixels.shape[-1] >= 3 else pixels[..., :1]) / np.float32(255)
    rgb = levels01[..., :3] if pixels.shape[-1] >= 3 else np.repeat(levels01, 3, axis=-1)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2LAB), np.float32)

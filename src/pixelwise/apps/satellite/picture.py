"""The map over its image, small enough for a screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.job import LabelMap
from pixelwise.core import Image, Semantic
from pixelwise.drawing import draw
from pixelwise.io.rasters.raster import Raster

__all__ = ["picture_of"]

SIDE = 1600
"""Longest side of the picture, in pixels."""
ENDS = (2, 98)
"""Percentiles of each band that become black and white."""
SHOWN = (("red", "green", "blue"), ("nir", "red", "green"), ("b1", "b2", "b3"), ("b1",))
"""Bands that are shown: the first of these that are there."""


def picture_of(sources: Sequence[Path], bands: Bands, made: LabelMap) -> Image:
    """Return the classes over the image, with their legend."""
    with Raster(sources) as raster, Raster([made.path]) as labels:
        if max(bands.numbers.values()) > raster.count:
            raster.count_alpha()
        names = next(names for names in SHOWN if bands.has(names))
        pixels, valid = raster.preview(SIDE, [bands.numbers[name] for name in names])
        found, _ = labels.preview(SIDE, [1])
    shown = _stretched(pixels, valid)
    return draw(Image(shown), Semantic(found[..., 0].astype(np.int32), made.legend))


def _stretched(pixels: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8, each band stretched by itself; black where there is no data."""
    shown = np.zeros((*valid.shape, 3), np.uint8)
    if not valid.any():
        return shown
    low, high = np.percentile(pixels[valid], ENDS, axis=0)
    if pixels.dtype == np.uint8:
        low, high = np.zeros_like(low), np.full_like(high, 255)
    scaled = (pixels.astype(np.float32) - low) / np.maximum(high - low, 1e-6) * 255
    shown[valid] = np.clip(np.rint(scaled[valid]), 0, 255)
    return shown

"""The map over its image, small enough for a screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.job import LabelMap
from pixelwise.apps.satellite.mapping import Layer
from pixelwise.apps.satellite.things import Things
from pixelwise.core import Image, Panoptic, Segments, Semantic
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
    path = made.path if made.things is None else made.things.path
    with Raster(sources) as raster, Raster([path]) as labels:
        Layer.again(raster, bands)
        names = next(names for names in SHOWN if bands.has(names))
        pixels, valid = raster.preview(SIDE, [bands.numbers[name] for name in names])
        found, _ = labels.preview(SIDE, [1])
    shown, numbers = Image(_stretched(pixels, valid)), found[..., 0].astype(np.int32)
    if made.things is None:
        return draw(shown, Semantic(numbers, made.legend))
    return draw(shown, _panoptic(numbers, made.things, made))


def _panoptic(numbers: NDArray[np.int32], things: Things, made: LabelMap) -> Panoptic:
    """Return the things of a preview."""
    kept, area = np.unique(numbers[numbers > 0], return_counts=True)
    factors = np.divide(numbers.shape, made.size)[[1, 0, 1, 0]]
    box = things.box[kept][:, [1, 0, 3, 2]] * factors
    rows = Segments.of(things.class_id[kept], id=kept, score=things.score[kept], box=box, area=area)
    return Panoptic(numbers, rows, made.legend)


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

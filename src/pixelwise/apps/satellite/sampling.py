"""Pixels that stand for a whole raster, the same ones whatever the tiles are."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.mapping import Layer
from pixelwise.errors import InputError
from pixelwise.ops.spectral import index_of
from pixelwise.ops.windows import Window

__all__ = ["features_of", "sample"]

SIDE, PLACES = 256, 8
"""Windows of this side, so many along each axis; small rasters are taken whole."""
MOST = 1 << 20


def sample(layer: Layer, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Return bands (N, len(names)) float32 of pixels with data, at most about a million.

    Raises:
        InputError: Nowhere that is looked at is there data.
    """
    height, width = layer.raster.size
    found = []
    for top in _places(height):
        for left in _places(width):
            window = Window(top, left, min(SIDE, height - top), min(SIDE, width - left))
            values, valid = layer.bands.read(layer.raster, window, names)
            found.append(values[valid])
    points = np.concatenate(found)
    if not len(points):
        raise InputError(f"{layer.raster.name}: the sample of it holds no data")
    return points[:: max(1, len(points) // MOST)]


def features_of(
    values: NDArray[np.float32], bands: tuple[str, ...], names: tuple[str, ...]
) -> NDArray[np.float32]:
    """Return bands and indices (..., len(names)) of bands (..., C); what has no value is 0."""
    known = {band: values[..., n] for n, band in enumerate(bands)}
    made = [index_of(name, known) for name in names]
    return np.nan_to_num(np.stack(made, axis=-1), nan=0.0, posinf=0.0, neginf=0.0)


def _places(length: int) -> list[int]:
    """Return where windows begin: side by side in short lengths, evenly spread in long ones."""
    if length <= SIDE * PLACES:
        return list(range(0, length, SIDE))
    return [round(place) for place in np.linspace(0, length - SIDE, PLACES)]

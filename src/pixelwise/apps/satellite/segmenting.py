"""Segments of a window: small areas of one look, made by one of three methods."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.methods.regions.felzenszwalb import Felzenszwalb
from pixelwise.methods.regions.watershed import Watershed
from pixelwise.ops.colour import lab
from pixelwise.ops.slic import superpixels

__all__ = ["Cut", "segments_of"]

COMPACTNESS = 10.0


class Cut(StrEnum):
    """How segments are made."""

    SLIC = "slic"
    """All of about one size."""
    FELZENSZWALB = "felzenszwalb"
    """As large as their look stays the same; thin things stay whole."""
    WATERSHED = "watershed"
    """Between the strongest edges, about one size."""


def segments_of(levels: NDArray[np.uint8], cut: Cut, size: int) -> NDArray[np.int32]:
    """Return segments (h, w) int32, 1.. without gaps.

    Args:
        levels: (h, w, 1 or 3).
        cut: The method.
        size: Pixels of a segment, on average; felzenszwalb's are a quarter of it at least.

    >>> segments_of(np.zeros((8, 16, 3), np.uint8), Cut.SLIC, 64).max()
    np.int32(2)
    """
    match cut:
        case Cut.SLIC:
            planes = np.ascontiguousarray(np.moveaxis(lab(levels), -1, 0), np.float32)
            count = max(1, levels.shape[0] * levels.shape[1] // size)
            return superpixels(planes, count, COMPACTNESS)
        case Cut.FELZENSZWALB:
            method = Felzenszwalb(scale=float(size), min_size=max(1, size // 4), tolerance=0.0)
            return method(Image(levels)).labels
        case Cut.WATERSHED:
            distance = max(1, round(size**0.5 / 2))
            return Watershed(min_distance=distance)(Image(levels)).labels

"""What a thing looks like: the colours inside its mask."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pixelwise.core import Crop, Image
from pixelwise.ops.colour import rgb8

__all__ = ["Colours", "alike", "colours_of"]

Colours = NDArray[np.float32]
"""Roots of the shares of the colours, flat, of length 1."""

BINS = (6, 16, 16)
"""Of lightness and of the two colour axes of Lab."""
BLUR = 0.7
"""Bins: neighbours are nearly the same colour."""
MOST = 96
"""Longer side in pixels at which colours are counted."""


def colours_of(image: Image, crop: Crop) -> Colours:
    """Return the colours of ``image`` inside a mask; all zero for an empty mask."""
    pixels = rgb8(image.pixels[crop.window])
    mask = np.ascontiguousarray(crop.mask).view(np.uint8)
    if min(mask.shape) == 0:
        return np.zeros(int(np.prod(BINS)), np.float32)
    step = -(-max(mask.shape) // MOST)
    lab = cv2.cvtColor(np.ascontiguousarray(pixels[::step, ::step]), cv2.COLOR_RGB2Lab)
    few = np.ascontiguousarray(mask[::step, ::step])
    counts = cv2.calcHist([lab], [0, 1, 2], few, list(BINS), [0, 256] * 3)
    shares = gaussian_filter(np.asarray(counts, np.float32), BLUR).reshape(-1)
    return np.sqrt(shares / max(float(shares.sum()), 1e-9))


def alike(colours: list[Colours], others: list[Colours]) -> NDArray[np.float64]:
    """Return how alike the colours are, (N, M) float64, 0..1 (Bhattacharyya coefficient)."""
    if not colours or not others:
        return np.zeros((len(colours), len(others)))
    return np.asarray(np.stack(colours) @ np.stack(others).T, np.float64)

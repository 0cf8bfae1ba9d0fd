"""Masks of things that stand out from an even ground: nuclei, grains, coins."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelwise.methods.regions.colours import smoothed
from pixelwise.ops.colour import grey, levels
from pixelwise.ops.components import components
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.sides import Side, foreground_of

__all__ = ["blob_mask", "foreground", "usual_radius"]

SPECK = 15
"""Fewer pixels than this are never a thing."""

LEAST_SHARE = 0.1
"""Things below this share of the usual area are left out."""

LOWERED = 0.85
"""The global level is lowered by this before each thing gets its own; chosen on nuclei."""

LOCAL_SIGMA = 8.0
"""Reach in pixels of the local means of things and of ground; chosen on nuclei."""

LEAST_LEVEL = 0.6
"""A local level is never below this share of the global one; chosen on nuclei."""


def foreground(pixels: NDArray[Any], smoothing: float) -> NDArray[np.bool_]:
    """Return the side of Otsu's level, on the smoothed grey, that touches the border less.

    >>> foreground(np.array([[[0]] * 3, [[0], [9], [0]], [[0]] * 3], np.uint8), 0).sum()
    np.int64(1)
    """
    values = smoothed(levels(grey(pixels))[..., np.newaxis], smoothing)[..., 0]
    return foreground_of(values, otsu_level(values), Side.BORDER)


def blob_mask(pixels: NDArray[Any], smoothing: float) -> NDArray[np.bool_]:
    """Return where things are, each cut half-way between its own brightness and the ground's.

    Otsu's level finds things and ground (the side that touches the border more). The local means
    of the two then give every pixel its own level in the middle, so that bright things do not
    swell and dim ones do not shrink. Holes are filled, specks are left out.
    """
    values = smoothed(levels(grey(pixels))[..., np.newaxis], smoothing)[..., 0]
    rough = foreground_of(values, otsu_level(values), Side.BORDER)
    if not rough.any():
        return rough
    if values[rough].mean() < values[~rough].mean():
        values = values.max() - values
    values = values - np.quantile(values, 0.01)
    level = otsu_level(values) * LOWERED
    rough = values > level
    middle = (_local_mean(values, rough) + _local_mean(values, ~rough)) / 2
    fine = (values > middle) & (values > level * LEAST_LEVEL)
    return _without_specks(np.asarray(ndimage.binary_fill_holes(fine)))


def usual_radius(mask: NDArray[np.bool_]) -> float:
    """Return the radius in pixels of a disc (ball) as large as the median part; 1 without parts.

    >>> round(usual_radius(np.ones((10, 10), bool)), 2)
    5.64
    """
    sizes = np.bincount(components(mask, diagonal=False)[0].reshape(-1))[1:]
    usual = float(np.median(sizes)) if sizes.size else 3.0
    return (usual / np.pi) ** 0.5 if mask.ndim == 2 else (usual * 3 / (4 * np.pi)) ** (1 / 3)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    parts, _ = components(mask, diagonal=False)
    sizes = np.bincount(parts.reshape(-1))
    things = sizes[1:][sizes[1:] >= SPECK]
    usual = float(np.median(things)) if things.size else 0.0
    keep = sizes >= max(SPECK, LEAST_SHARE * usual)
    keep[0] = False
    return np.asarray(keep[parts])


def _local_mean(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the mean of the masked values around each pixel."""
    weight = mask.astype(np.float32)
    near = smoothed(weight[..., np.newaxis], LOCAL_SIGMA)[..., 0]
    total = smoothed((values * weight)[..., np.newaxis], LOCAL_SIGMA)[..., 0]
    return np.asarray(total / np.maximum(near, 1e-3), np.float32)

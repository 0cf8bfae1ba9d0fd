"""Filling and cleaning of masks."""

import cc3d
import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.components import components

__all__ = ["drop_small", "fill_holes"]


def fill_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask with all that it encloses; corners do not let the outside in.

    Args:
        mask: (H, W) or (D, H, W) bool.

    >>> ring = np.ones((3, 3), bool)
    >>> ring[1, 1] = False
    >>> fill_holes(ring).all()
    np.True_
    """
    padded = np.pad(mask, 1)
    inside = tuple(slice(1, -1) for _ in mask.shape)
    if mask.ndim == 3:
        outside = cc3d.connected_components(~padded, connectivity=6)
        return np.asarray(outside != outside[0, 0, 0])[inside]
    flooded = padded.view(np.uint8)
    cv2.floodFill(flooded, None, (0, 0), 2)
    return flooded[inside] != 2


def drop_small(mask: NDArray[np.bool_], min_size: int) -> NDArray[np.bool_]:
    """Return the mask without its connected parts of fewer than ``min_size`` pixels.

    >>> drop_small(np.array([[1, 0, 1, 1]], bool), 2).tolist()
    [[False, False, True, True]]
    """
    if min_size <= 1:
        return mask
    labels, count = components(mask)
    kept = np.bincount(labels.reshape(-1), minlength=count + 1) >= min_size
    kept[0] = False
    return kept[labels]

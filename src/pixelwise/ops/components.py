"""Connected parts of masks and label maps."""

from typing import Any

import cc3d
import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["components", "relabel"]


def components(mask: NDArray[np.bool_], *, diagonal: bool = True) -> tuple[NDArray[np.int32], int]:
    """Return the connected parts of a mask, numbered 1.. in the order of their first pixel.

    Args:
        mask: (H, W) or (D, H, W) bool.
        diagonal: Whether corners join (8 neighbours, 26 in volumes) or only edges (4, 6).

    Returns:
        labels int32 of the mask's size, 0 outside, and the number of parts.

    >>> components(np.eye(2, dtype=bool))[1], components(np.eye(2, dtype=bool), diagonal=False)[1]
    (1, 2)
    """
    if mask.size == 0:
        return np.zeros(mask.shape, np.int32), 0
    if mask.ndim == 3:
        labels, count = cc3d.connected_components(
            np.ascontiguousarray(mask), connectivity=26 if diagonal else 6, return_N=True
        )
        return labels.astype(np.int32), int(count)
    number, labels = cv2.connectedComponents(
        np.ascontiguousarray(mask).view(np.uint8), connectivity=8 if diagonal else 4
    )
    return labels, number - 1


def relabel(labels: NDArray[Any], *, diagonal: bool = True) -> tuple[NDArray[np.int32], int]:
    """Return the connected parts of every label of a map, numbered 1..; 0 stays 0.

    Args:
        labels: (H, W) or (D, H, W) integers, 0 or more.
        diagonal: Whether corners join parts of the same label.

    >>> relabel(np.array([[1, 0, 1], [2, 2, 0]]))[1]
    3
    """
    connectivity = {2: (4, 8), 3: (6, 26)}[labels.ndim][diagonal]
    parts, count = cc3d.connected_components(
        np.ascontiguousarray(labels), connectivity=connectivity, return_N=True
    )
    return parts.astype(np.int32), int(count)

"""Connected parts of masks and label maps."""

from types import ModuleType
from typing import Any

import cc3d
import cv2
import fastremap
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "components", "relabel"]

KERNELS = Kernels("pixelwise.ops.component_kernels")
"""The compiled way to label pictures and volumes."""


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
    whole = np.ascontiguousarray(mask, bool)
    if (kernels := KERNELS.ready()) is not None:
        return _by_runs(kernels, whole.view(np.uint8), reach=int(diagonal))
    if mask.ndim == 3:
        labels, count = cc3d.connected_components(
            whole,
            connectivity=_neighbours(mask.shape, diagonal),
            return_N=True,
            out_dtype=np.uint32,
        )
        return labels.view(np.int32), int(count)
    number, labels = cv2.connectedComponents(
        whole.view(np.uint8), connectivity=8 if diagonal else 4
    )
    return fastremap.renumber(labels)[0].astype(np.int32), number - 1


def relabel(labels: NDArray[Any], *, diagonal: bool = True) -> tuple[NDArray[np.int32], int]:
    """Return the connected parts of every label of a map, numbered 1..; 0 stays 0.

    Args:
        labels: (H, W) or (D, H, W) integers, 0 or more.
        diagonal: Whether corners join parts of the same label.

    >>> relabel(np.array([[1, 0, 1], [2, 2, 0]]))[1]
    3
    """
    connectivity = _neighbours(labels.shape, diagonal)
    parts, count = cc3d.connected_components(
        np.require(labels, requirements=["C", "W"]), connectivity=connectivity, return_N=True
    )
    return parts.astype(np.int32), int(count)


def _neighbours(size: tuple[int, ...], diagonal: bool) -> int:  # noqa: FBT001 - as its callers say
    """Return how many neighbours join; a line in space has no corners (cc3d trips there)."""
    is_line = len(size) == 3 and sorted(size)[1] == 1
    return {2: (4, 8), 3: (6, 26)}[len(size)][diagonal and not is_line]


def _by_runs(
    kernels: ModuleType, mask: NDArray[np.uint8], reach: int
) -> tuple[NDArray[np.int32], int]:
    """Label runs of pixels instead of pixels; arrays are made here, as numpy's come in large pages.

    Args:
        kernels: The compiled module.
        mask: (H, W) or (D, H, W), 0 and 1.
        reach: How far beyond its ends a run touches runs of other rows: 0 edges, 1 corners.
    """
    height, width = mask.shape[-2:]
    flat = mask.reshape(-1, width)
    words = flat.view(np.uint64) if width % 8 == 0 else np.zeros((0, 0), np.uint64)
    runs = np.empty((len(flat) * ((width + 1) // 2), 3), np.int32)
    rows = np.empty(len(flat) + 1, np.int64)
    kernels.link_runs(flat, words, height, reach, runs, rows)
    labels = np.zeros(flat.shape, np.int32)
    count = int(kernels.paint_runs(runs, rows, labels))
    return labels.reshape(mask.shape), count

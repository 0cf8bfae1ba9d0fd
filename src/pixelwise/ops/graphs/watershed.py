"""Flooding of an elevation map from markers, level by level."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import segmentation

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.graphs.radix import dense_ranks

__all__ = ["watershed"]

OUTSIDE = -1

FEW_LEVELS = 1 << 16
"""Levels up to which each has a queue of its own that lies in one piece."""


def watershed(
    elevation: NDArray[Any],
    markers: NDArray[np.int32],
    *,
    mask: NDArray[np.bool_] | None = None,
    diagonal: bool = False,
) -> NDArray[np.int32]:
    """Flood ``elevation`` from the markers until every reachable pixel has a marker's label.

    Pixels are taken by level, within a level first come, first served; no line is left between
    basins. The labels are those of ``skimage.segmentation.watershed``; where two markers of
    exactly equal elevation race for a pixel and tie, ours decides by raster order, theirs by
    what their heap went through before.

    Args:
        elevation: (H, W) or (D, H, W), any real dtype; NaN floods last.
        markers: The same size, int32, 0 nothing, 1.. labels.
        mask: The same size, bool, where water may go; None: everywhere.
        diagonal: Whether water also flows over corners (8 or 26 neighbours, else 4 or 6).

    Returns:
        labels int32, 0 where no water came.

    Source:
        F. Meyer, "Topographic distance and watershed lines", Signal Processing 38(1), 1994.

    >>> watershed(np.array([[0, 1, 5, 1, 0]]), np.array([[1, 0, 0, 0, 2]], np.int32)).tolist()
    [[1, 1, 1, 2, 2]]
    """
    if not COMPILED:
        smooth = np.nan_to_num(elevation, nan=np.inf) if elevation.dtype.kind == "f" else elevation
        connectivity = elevation.ndim if diagonal else 1
        flooded = segmentation.watershed(smooth, markers, connectivity=connectivity, mask=mask)
        return np.asarray(flooded, np.int32)
    levels, count = _dense_levels(elevation, mask)
    labels = np.pad(markers.astype(np.int32), 1, constant_values=OUTSIDE)
    inside = (slice(1, -1),) * elevation.ndim
    if mask is not None:
        labels[inside][~mask] = OUTSIDE
    offsets = _offsets(labels.shape, diagonal=diagonal)
    flood = _flood_levels if count <= FEW_LEVELS else _flood_ranks
    flood(np.pad(levels, 1).reshape(-1), count, offsets, labels.reshape(-1))
    return np.maximum(labels[inside], 0)


def _dense_levels(
    elevation: NDArray[Any], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[Any], int]:
    """Return the rank of each pixel's value among all values, and how many ranks there are."""
    if elevation.dtype in (np.bool_, np.uint8):
        return elevation.astype(np.uint8), 256
    if elevation.dtype == np.uint16:
        return elevation, 65536
    seen = elevation.reshape(-1) if mask is None else elevation[mask]
    if elevation.dtype.itemsize > 4 or elevation.dtype.kind in "iu":
        _, found = np.unique(seen, return_inverse=True, equal_nan=True)
        ranks, count = found.reshape(-1).astype(np.int32), int(found.max(initial=0)) + 1
    else:
        ranks, count = dense_ranks(np.ascontiguousarray(seen, np.float32))
    if mask is None:
        return ranks.reshape(elevation.shape), count
    levels = np.zeros(elevation.shape, np.int32)
    levels[mask] = ranks
    return levels, count


def _offsets(shape: tuple[int, ...], *, diagonal: bool) -> NDArray[np.int64]:
    """Return the flat steps to the neighbours, nearest first, then in raster order."""
    strides = np.cumprod([1, *shape[:0:-1]])[::-1]
    steps = np.array(list(product((-1, 0, 1), repeat=len(shape))))
    reach = np.abs(steps).sum(axis=1)
    order = np.argsort(reach, kind="stable")
    wanted = [k for k in order if 0 < reach[k] <= (len(shape) if diagonal else 1)]
    return np.asarray((steps[wanted] * strides).sum(axis=1), np.int64)


@jit
def _flood_levels(
    levels: NDArray[Any], count: int, offsets: NDArray[np.int64], labels: NDArray[np.int32]
) -> None:
    """Flood in place; ``labels`` is padded with -1 and holds the markers.

    A level's queue has room for its own pixels; lower ones that are reached meanwhile wait
    behind them in ``raised``. So every queue is read and written from front to back.
    """
    starts = _starts(levels, count, labels)
    ends = starts[:count].copy()
    queue = np.empty(starts[count], np.int32)
    raised = np.empty(starts[count], np.int32)
    for pixel in range(labels.size):
        if labels[pixel] > 0:
            queue[ends[levels[pixel]]] = pixel
            ends[levels[pixel]] += 1
    for level in range(count):
        total = 0
        for place in range(starts[level], ends[level]):
            total = _spread(
                queue[place], level, levels, offsets, labels, queue, ends, raised, total
            )
        place = 0
        while place < total:
            total = _spread(
                raised[place], level, levels, offsets, labels, queue, ends, raised, total
            )
            place += 1


@jit
def _starts(levels: NDArray[Any], count: int, labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return where each level's queue starts, and the end of the last one."""
    starts = np.zeros(count + 1, np.int64)
    for pixel in range(labels.size):
        if labels[pixel] >= 0:
            starts[levels[pixel] + 1] += 1
    for level in range(count):
        starts[level + 1] += starts[level]
    return starts


@jit
def _spread(  # noqa: PLR0913, PLR0917 - arrays in one argument are slower
    pixel: int,
    level: int,
    levels: NDArray[Any],
    offsets: NDArray[np.int64],
    labels: NDArray[np.int32],
    queue: NDArray[np.int32],
    ends: NDArray[np.int64],
    raised: NDArray[np.int32],
    total: int,
) -> int:
    """Give a pixel's label to its neighbours, put each in a queue, return the raised ones' end."""
    for offset in offsets:
        near = pixel + offset
        if labels[near] != 0:
            continue
        labels[near] = labels[pixel]
        above = levels[near]
        if above > level:
            queue[ends[above]] = near
            ends[above] += 1
        else:
            raised[total] = near
            total += 1
    return total


@jit
def _flood_ranks(
    levels: NDArray[Any], count: int, offsets: NDArray[np.int64], labels: NDArray[np.int32]
) -> None:
    """Flood as :func:`_flood_levels`; the queues are lists, since most ranks have one pixel."""
    ends = np.full((count, 2), -1, np.int32)
    following = np.full(labels.size, -1, np.int32)
    for pixel in range(labels.size):
        if labels[pixel] > 0:
            _enqueue(ends, following, levels[pixel], pixel)
    for level in range(count):
        pixel = ends[level, 0]
        while pixel >= 0:
            for offset in offsets:
                near = pixel + offset
                if labels[near] == 0:
                    labels[near] = labels[pixel]
                    _enqueue(ends, following, max(levels[near], level), near)
            pixel = following[pixel]


@jit
def _enqueue(ends: NDArray[np.int32], following: NDArray[np.int32], level: int, pixel: int) -> None:
    """Put a pixel behind the last one of its level; ``ends`` holds the first and the last."""
    if ends[level, 0] < 0:
        ends[level, 0] = pixel
    else:
        following[ends[level, 1]] = pixel
    ends[level, 1] = pixel

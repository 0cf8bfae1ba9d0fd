"""Flooding of an elevation map from markers, level by level."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import segmentation

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.graphs.radix import count_below

__all__ = ["watershed"]

OUTSIDE = -1


def watershed(
    elevation: NDArray[Any],
    markers: NDArray[np.int32],
    *,
    mask: NDArray[np.bool_] | None = None,
    diagonal: bool = False,
) -> NDArray[np.int32]:
    """Flood ``elevation`` from the markers until every reachable pixel has a marker's label.

    Pixels are taken by level, within a level first come, first served, the markers first; no
    line is left between basins. The labels are those of ``skimage.segmentation.watershed``, but
    for one thing: markers of exactly equal elevation have their turn in raster order here, there
    in the order in which a binary heap happens to let go of equal things.

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
    labels = np.pad(markers.astype(np.int32), 1, constant_values=OUTSIDE)
    inside = (slice(1, -1),) * elevation.ndim
    if mask is not None:
        labels[inside][~mask] = OUTSIDE
    flat, offsets = labels.reshape(-1), _offsets(labels.shape, diagonal=diagonal)
    if elevation.dtype in (np.bool_, np.uint8, np.uint16):
        levels = np.pad(elevation.view(np.uint8) if elevation.dtype == np.bool_ else elevation, 1)
        _flood_levels(levels.reshape(-1), int(levels.max()) + 1, offsets, flat)
    else:
        below, count = _values_below(elevation, flat)
        _flood_values(below, count, offsets, flat)
    return np.maximum(labels[inside], 0)


def _values_below(
    elevation: NDArray[Any], labels: NDArray[np.int32]
) -> tuple[NDArray[np.int32], int]:
    """Return how many values are less than each pixel's, and how many there are.

    ``labels`` is padded; what is outside has no value. NaN is the greatest.
    """
    places = np.flatnonzero(labels != OUTSIDE).astype(np.uint32)
    below = np.zeros(labels.size, np.int32)
    values = np.pad(elevation, 1).reshape(-1)[places]
    if values.dtype.kind == "f" and values.dtype.itemsize <= 4:
        count_below(values.astype(np.float32, copy=False), places, below)
    else:
        _, found, counts = np.unique(
            values, return_inverse=True, return_counts=True, equal_nan=True
        )
        below[places] = (np.cumsum(counts) - counts)[found.reshape(-1)]
    return below, len(places)


def _offsets(shape: tuple[int, ...], *, diagonal: bool) -> tuple[int, ...]:
    """Return the flat steps to the neighbours, nearest first, then in raster order.

    They are a tuple so that the kernels are compiled for their number, without a loop.
    """
    strides = np.cumprod([1, *shape[:0:-1]])[::-1]
    steps = np.array(list(product((-1, 0, 1), repeat=len(shape))))
    reach = np.abs(steps).sum(axis=1)
    order = np.argsort(reach, kind="stable")
    wanted = [k for k in order if 0 < reach[k] <= (len(shape) if diagonal else 1)]
    return tuple((steps[wanted] * strides).sum(axis=1).tolist())


@jit
def _flood_levels(  # noqa: C901 - a call for each pixel is slower
    levels: NDArray[Any], count: int, offsets: tuple[int, ...], labels: NDArray[np.int32]
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
        place, done, total = starts[level], 0, 0
        while True:
            if place < ends[level]:
                pixel = queue[place]
                place += 1
            elif done < total:
                pixel = raised[done]
                done += 1
            else:
                break
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
def _flood_values(  # noqa: C901, PLR0912 - a call for each pixel is slower
    below: NDArray[np.int32], count: int, offsets: tuple[int, ...], labels: NDArray[np.int32]
) -> None:
    """Flood as :func:`_flood_levels` where most levels have one pixel.

    ``below`` says how many of the ``count`` pixels are lower: the place in ``queue`` of the first
    pixel of that level; ``more`` counts those behind it.
    """
    queue = np.full(count, -1, np.int32)
    more = np.zeros(count, np.int32)
    raised = np.empty(count, np.int32)
    for pixel in range(labels.size):
        if labels[pixel] > 0:
            level = below[pixel]
            more[level] += queue[level] >= 0
            queue[level + more[level]] = pixel
    level = 0
    while level < count:
        if queue[level] < 0:
            level += 1
            continue
        place, done, total = level, 0, 0
        while True:
            if place <= level + more[level]:
                pixel = queue[place]
                place += 1
            elif done < total:
                pixel = raised[done]
                done += 1
            else:
                break
            for offset in offsets:
                near = pixel + offset
                if labels[near] != 0:
                    continue
                labels[near] = labels[pixel]
                above = below[near]
                if above <= level:
                    raised[total] = near
                    total += 1
                elif queue[above] < 0:
                    queue[above] = near
                else:
                    more[above] += 1
                    queue[above + more[above]] = near
        level = place

"""Felzenszwalb and Huttenlocher's graph segmentation of an array of vectors."""

from typing import Any

import fastremap
import numpy as np
from numpy.typing import NDArray
from skimage import segmentation

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.graphs.radix import sorted_keys
from pixelwise.ops.graphs.unionfind import find_root

__all__ = ["felzenszwalb"]


def felzenszwalb(values: NDArray[Any], scale: float, min_size: int) -> NDArray[np.int32]:
    """Join neighbours in the order of their difference, as long as both sides find it usual.

    Two components join over an edge when its weight is less than the greatest weight that
    joined either of them, plus ``scale`` divided by their size. Then components below
    ``min_size`` join over their lightest edge.

    Args:
        values: (H, W, C) float32; 8 neighbours, Euclidean distances.
        scale: In the unit of the values; larger gives larger regions.
        min_size: Pixels.

    Returns:
        labels (H, W) int32, 1.. in the order of their first pixel.

    Source:
        P. Felzenszwalb, D. Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59(2),
        2004.

    >>> felzenszwalb(np.float32([[[0], [0], [9]]]), scale=1, min_size=1).tolist()
    [[1, 1, 2]]
    """
    if not COMPILED:
        found = segmentation.felzenszwalb(
            values.astype(np.float64), scale=255 * scale, sigma=0, min_size=min_size
        )
        return fastremap.renumber(found.astype(np.int32) + 1, preserve_zero=False)[0]
    weights = np.ascontiguousarray(values, np.float32)
    parent = _segment(weights, _sorted_edges(weights), float(scale), int(min_size))
    return _numbered(parent).reshape(values.shape[:2])


def _sorted_edges(values: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return weight bits and edge number of every edge, lightest first."""
    weights, edges = _edges(values)
    return sorted_keys(weights, edges)


@jit
def _edges(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Return weight and number (4 x pixel + direction) of the edges: right, down, two diagonals."""
    height, width, channels = values.shape
    weights = np.empty(4 * height * width, np.float32)
    edges = np.empty(4 * height * width, np.uint32)
    count = 0
    for y in range(height):
        for x in range(width):
            for way in range(4):
                ny = y + (way > 0)
                nx = x + (0, 1, -1)[way - 1] if way > 0 else x + 1
                if ny >= height or nx >= width or nx < 0:
                    continue
                square = np.float32(0)
                for channel in range(channels):
                    step = values[y, x, channel] - values[ny, nx, channel]
                    square += step * step
                weights[count] = np.sqrt(square)
                edges[count] = 4 * (y * width + x) + way
                count += 1
    return weights[:count], edges[:count]


@jit
def _segment(
    values: NDArray[np.float32], keys: NDArray[np.uint64], scale: float, min_size: int
) -> NDArray[np.int32]:
    """Return the root of every pixel."""
    height, width, _ = values.shape
    parent = np.arange(height * width).astype(np.int32)
    sizes = np.ones(height * width, np.int32)
    limits = np.full(height * width, scale, np.float32)
    ways = np.array([1, width, width + 1, width - 1])
    refused = 0
    bits = np.empty(1, np.uint32)
    weight = bits.view(np.float32)
    for key in keys:
        edge = np.int64(key & np.uint64(0xFFFFFFFF))
        first = find_root(parent, int(edge >> 2))
        second = find_root(parent, int((edge >> 2) + ways[edge & 3]))
        if first == second:
            continue
        bits[0] = np.uint32(key >> np.uint64(32)) ^ np.uint32(1 << 31)
        if weight[0] < min(limits[first], limits[second]):
            root = _join(parent, sizes, first, second)
            limits[root] = weight[0] + np.float32(scale / sizes[root])
        else:
            keys[refused] = key
            refused += 1
    for key in keys[:refused]:
        edge = np.int64(key & np.uint64(0xFFFFFFFF))
        first = find_root(parent, int(edge >> 2))
        second = find_root(parent, int((edge >> 2) + ways[edge & 3]))
        if first != second and (sizes[first] < min_size or sizes[second] < min_size):
            _join(parent, sizes, first, second)
    for pixel in range(height * width):
        parent[pixel] = find_root(parent, pixel)
    return parent


@jit
def _join(parent: NDArray[np.int32], sizes: NDArray[np.int32], first: int, second: int) -> int:
    root, leaf = (first, second) if first < second else (second, first)
    parent[leaf] = root
    sizes[root] += sizes[leaf]
    return root


def _numbered(roots: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return labels 1.. ; a root is the first pixel of its component."""
    is_root = roots == np.arange(roots.size)
    return np.asarray(np.cumsum(is_root, dtype=np.int32)[roots])

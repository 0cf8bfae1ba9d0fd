"""Quick shift: a forest in which each pixel hangs on the nearest denser one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import quickshift

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.progress import bands

__all__ = ["density_trees"]

JITTER = 1e-5
"""Deviation of the noise that makes equal densities differ."""


class _Ways(NamedTuple):
    """The steps to the pixels of the window, the nearest first.

    Args:
        down: (K,) rows.
        right: (K,) columns.
        square: (K,) squared lengths.
    """

    down: NDArray[np.int64]
    right: NDArray[np.int64]
    square: NDArray[np.float64]


def density_trees(
    colours: NDArray[np.float64], kernel_size: float, max_distance: float
) -> NDArray[np.int32]:
    """Return the trees of links to the nearest denser pixel, (H, W) int32, 1.. without gaps.

    The density is a Gaussian window of standard deviation ``kernel_size`` over place and colour
    together; links reach three deviations far and at most ``max_distance``. The answer is that of
    ``skimage.segmentation.quickshift``: the window's weights are worked out once for both pixels
    of a pair, and the search for a denser pixel goes outwards and ends at the first that no
    farther one can beat.

    Args:
        colours: (H, W, C) float64, weighted against place.
        kernel_size: Pixels, 1 or more.
        max_distance: Longest link, place and colour together.

    Source:
        A. Vedaldi, S. Soatto, "Quick Shift and Kernel Methods for Mode Seeking", ECCV 2008.

    >>> density_trees(np.repeat([[[0.0], [0.0], [90.0], [90.0]]], 3, axis=0), 1, 10)[1].tolist()
    [1, 1, 2, 2]
    """
    if not COMPILED:
        found = quickshift(
            colours, kernel_size=kernel_size, max_dist=max_distance, ratio=1, rng=0,
            convert2lab=False,
        )  # fmt: skip
        return np.asarray(found, np.int32) + 1
    size = colours.shape[:2]
    ways = _ways(int(np.ceil(3 * kernel_size)))
    densities = np.ones(size)
    for top, bottom in bands(size[0]):
        _add_weights(colours, densities, ways, -0.5 / kernel_size**2, (top, bottom))
    densities += np.random.default_rng(0).normal(scale=JITTER, size=size)
    parents = np.arange(densities.size).reshape(size)
    _link(colours, densities, ways, max_distance, parents)
    roots = parents.reshape(-1)
    while (higher := roots[roots]).tobytes() != roots.tobytes():
        roots = higher
    _, labels = np.unique(roots, return_inverse=True)
    return labels.reshape(size).astype(np.int32) + 1


def _ways(reach: int) -> _Ways:
    side = np.arange(-reach, reach + 1)
    down, right = (axis.reshape(-1) for axis in np.meshgrid(side, side, indexing="ij"))
    square = down**2 + right**2
    order = np.argsort(square, kind="stable")[1:]
    return _Ways(down[order], right[order], square[order].astype(np.float64))


@jit
def _distance(colours: NDArray[np.float64], y: int, x: int, v: int, u: int) -> float:
    """Return the squared distance of two pixels' colours."""
    total = 0.0
    for channel in range(colours.shape[2]):
        step = colours[y, x, channel] - colours[v, u, channel]
        total += step * step
    return total


@jit
def _add_weights(
    colours: NDArray[np.float64],
    densities: NDArray[np.float64],
    ways: _Ways,
    scale: float,
    rows: tuple[int, int],
) -> None:
    """Add the weight of each pair to both pixels, for the pairs that begin in these rows."""
    height, width = densities.shape
    for y in range(rows[0], rows[1]):
        for way in range(len(ways.down)):
            down, right = ways.down[way], ways.right[way]
            if down < 0 or (down == 0 and right < 0) or y + down >= height:
                continue
            for x in range(max(0, -right), min(width, width - right)):
                square = _distance(colours, y, x, y + down, x + right) + ways.square[way]
                weight = np.exp(square * scale)
                densities[y, x] += weight
                densities[y + down, x + right] += weight


@jit
def _link(
    colours: NDArray[np.float64],
    densities: NDArray[np.float64],
    ways: _Ways,
    farthest: float,
    parents: NDArray[np.int64],
) -> None:
    """Write the nearest denser pixel of each; of equally near ones the first in raster order."""
    height, width = densities.shape
    for y in range(height):
        for x in range(width):
            closest = farthest * farthest
            for way in range(len(ways.down)):
                if ways.square[way] > closest:
                    break
                v, u = y + ways.down[way], x + ways.right[way]
                if min(v, u) < 0 or v >= height or u >= width or densities[v, u] <= densities[y, x]:
                    continue
                square = _distance(colours, y, x, v, u) + ways.square[way]
                place = v * width + u
                own = parents[y, x] == y * width + x
                if square < closest or (square == closest and (own or place < parents[y, x])):
                    closest, parents[y, x] = square, place

"""Of points that crowd together, the most important one."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["strongest_near"]


@jit
def strongest_near(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each point the first one within distance 1 that was kept; itself if none.

    Points are taken in turn; one is kept when no kept one lies within distance 1.

    Args:
        points: (M, D) float64, 0 or more, y and x first; the most important point first.

    Returns:
        (M,) int64 places of points.

    >>> strongest_near(np.array([[0.0, 0.0], [0.5, 0.0], [1.2, 0.0]])).tolist()
    [0, 0, 2]
    """
    rows, columns = int(points[:, 0].max()) + 3, int(points[:, 1].max()) + 3
    head = np.full((rows, columns), -1, np.int64)
    following = np.full(len(points), -1, np.int64)
    keeper = np.arange(len(points))
    for k in range(len(points)):
        y, x = int(points[k, 0]) + 1, int(points[k, 1]) + 1
        keeper[k] = _first_near(points, k, head[y - 1 : y + 2, x - 1 : x + 2], following)
        if keeper[k] == k:
            following[k] = head[y, x]
            head[y, x] = k
    return keeper


@jit
def _first_near(
    points: NDArray[np.float64],
    k: int,
    heads: NDArray[np.int64],
    following: NDArray[np.int64],
) -> int:
    best = k
    for head in heads.flat:
        other = int(head)
        while other >= 0:
            square = 0.0
            for axis in range(points.shape[1]):
                step = points[k, axis] - points[other, axis]
                square += step * step
            if square <= 1 and other < best:
                best = other
            other = int(following[other])
    return best

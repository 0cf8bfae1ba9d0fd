"""Thinning of a mask to lines one pixel wide, as MATLAB's ``bwmorph(mask, 'thin', Inf)``.

Source:
    L. Lam, S.-W. Lee, C. Y. Suen, "Thinning Methodologies: A Comprehensive Survey", TPAMI 14(9),
    1992, the first algorithm with two half passes (Z. Guo, R. W. Hall, 1989).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from skimage.morphology import thin as skimage_thin

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["thin"]


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the lines, one pixel wide, that a mask (H, W) bool shrinks to.

    >>> thin(np.ones((3, 5), bool)).astype(int).tolist()
    [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    """
    if not COMPILED:
        return np.asarray(skimage_thin(mask), bool)
    padded = np.pad(mask.astype(np.uint8), 1)
    y, x = np.nonzero(padded)
    _thin(padded, y, x, _removable())
    return padded[1:-1, 1:-1].astype(bool)


@cache
def _removable() -> NDArray[np.bool_]:
    """Return, for both half passes, which of the 256 neighbourhoods let their centre go.

    Bit k of a neighbourhood is the paper's neighbour x(k + 1): east, then against the clock.
    """
    codes = np.arange(256)
    on = [(codes >> bit & 1).astype(bool) for bit in range(8)]
    crossings = sum(
        (~on[2 * k] & (on[2 * k + 1] | on[(2 * k + 2) % 8])).astype(int) for k in range(4)
    )
    first = sum((on[2 * k] | on[2 * k + 1]).astype(int) for k in range(4))
    second = sum((on[2 * k + 1] | on[(2 * k + 2) % 8]).astype(int) for k in range(4))
    fewest = np.minimum(first, second)
    simple = (crossings == 1) & (fewest >= 2) & (fewest <= 3)
    east = ~((on[1] | on[2] | ~on[7]) & on[0])
    west = ~((on[5] | on[6] | ~on[3]) & on[4])
    return np.stack([simple & east, simple & west])


@jit
def _thin(
    padded: NDArray[np.uint8],
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    removable: NDArray[np.bool_],
) -> None:
    going = np.zeros(y.size, np.bool_)
    left = y.size
    changed = True
    while changed:
        changed = False
        for half in range(2):
            for place in range(left):
                row, column = y[place], x[place]
                code = (
                    padded[row, column + 1]
                    | padded[row - 1, column + 1] << 1
                    | padded[row - 1, column] << 2
                    | padded[row - 1, column - 1] << 3
                    | padded[row, column - 1] << 4
                    | padded[row + 1, column - 1] << 5
                    | padded[row + 1, column] << 6
                    | padded[row + 1, column + 1] << 7
                )
                going[place] = removable[half, code]
            kept = 0
            for place in range(left):
                if going[place]:
                    padded[y[place], x[place]] = 0
                    changed = True
                else:
                    y[kept], x[kept] = y[place], x[place]
                    kept += 1
            left = kept

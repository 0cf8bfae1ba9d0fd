"""The guided filter's lines at the size of a picture, compiled: only where they are wanted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["lines_at"]


@jit
def lines_at(  # noqa: PLR0913, PLR0917 - a kernel takes plain arrays
    grey: NDArray[np.uint8],
    lines: NDArray[np.float32],
    wanted: NDArray[np.bool_],
    rows: NDArray[Any],
    columns: NDArray[Any],
    down: NDArray[np.float32],
    along: NDArray[np.float32],
    edges: NDArray[np.intp],
    nearest: NDArray[np.intp],
    target: NDArray[np.float32],
) -> None:
    """Write ``slope * grey + offset``, cut to 0..1, into the wanted cells of ``target``.

    Args:
        grey: (H, W).
        lines: (2, h, w) slope and offset.
        wanted: (h, w).
        rows: (H,) upper of the two rows of the lines that each row lies between.
        columns: (W,) the same of columns.
        down: (H,) share of the lower row.
        along: (W,) share of the right column.
        edges: (w + 1,) first column of each cell.
        nearest: (H,) row of the cells in which each row lies.
        target: (H, W).
    """
    cells = wanted.shape[1]
    slope = np.empty(cells, np.float32)
    offset = np.empty(cells, np.float32)
    one = np.float32(1)
    nothing = np.float32(0)
    for y in range(grey.shape[0]):
        here = wanted[nearest[y]]
        if not here.any():
            continue
        upper, lower, share = rows[y], min(rows[y] + 1, wanted.shape[0] - 1), down[y]
        for cell in range(cells):
            first = lines[0, upper, cell]
            slope[cell] = first + (lines[0, lower, cell] - first) * share
            first = lines[1, upper, cell]
            offset[cell] = first + (lines[1, lower, cell] - first) * share
        for cell in range(cells):
            if here[cell]:
                for x in range(edges[cell], edges[cell + 1]):
                    left = columns[x]
                    right = min(left + 1, cells - 1)
                    by = slope[left] + (slope[right] - slope[left]) * along[x]
                    plus = offset[left] + (offset[right] - offset[left]) * along[x]
                    value = by * np.float32(grey[y, x]) + plus
                    target[y, x] = min(max(value, nothing), one)

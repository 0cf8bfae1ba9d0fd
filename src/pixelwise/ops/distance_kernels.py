"""Compiled squared distances inside a mask of a picture, in whole numbers."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["distances"]

FAR = 1 << 30
"""Column distance where a column has no pixel outside."""


@jit
def distances(
    mask: NDArray[np.uint8], columns: NDArray[np.int32], out: NDArray[np.float32]
) -> None:
    """Write the distance of each pixel to the nearest 0 of the mask; infinite without any.

    Args:
        mask: (H, W) 0 and 1.
        columns: (H, W) int32, room for the distances along columns.
        out: (H, W) float32.
    """
    height, width = mask.shape
    _along_columns(mask, columns)
    centres = np.empty(width + 2, np.int64)
    begins = np.empty(width + 2, np.int64)
    for y in range(height):
        end = 0
        while end < width:
            start = end
            while end < width and columns[y, end] > 0:
                end += 1
            if end > start:
                last = _envelope(columns[y], start, end, (centres, begins))
                _write(columns[y], out[y, start:end], start, last, (centres, begins))
            else:
                out[y, end] = 0
                end += 1


@jit
def _along_columns(mask: NDArray[np.uint8], columns: NDArray[np.int32]) -> None:
    height, width = mask.shape
    for x in range(width):
        columns[0, x] = FAR if mask[0, x] else 0
    for y in range(1, height):
        for x in range(width):
            columns[y, x] = min(columns[y - 1, x] + 1, FAR) if mask[y, x] else 0
    for y in range(height - 2, -1, -1):
        for x in range(width):
            columns[y, x] = min(columns[y, x], columns[y + 1, x] + 1)


@jit
def _envelope(
    heights: NDArray[np.int32],
    start: int,
    end: int,
    room: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> int:
    """Find the lower envelope of the parabolas over one run and of the zeros at its ends.

    Returns:
        The number of its last parabola, -1 without any; their centres and where each begins
        stand in ``room``.
    """
    centres, begins = room
    last = -1
    for place in range(max(start - 1, 0), min(end + 1, len(heights))):
        if heights[place] >= FAR:
            continue
        square = heights[place] * heights[place] + place * place
        begin = start
        while last >= 0:
            old = centres[last]
            gap = square - heights[old] * heights[old] - old * old
            begin = int(np.floor(gap / (2.0 * (place - old)))) + 1
            if begin > begins[last]:
                break
            last -= 1
        begin = begin if last >= 0 else start
        if begin < end:
            last += 1
            centres[last], begins[last] = place, begin
    begins[last + 1] = end
    return last


@jit
def _write(
    heights: NDArray[np.int32],
    out: NDArray[np.float32],
    start: int,
    last: int,
    room: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Write the distances of one run, which begins at ``start``."""
    centres, begins = room
    if last < 0:
        out[:] = np.inf
    for number in range(last + 1):
        centre = centres[number]
        height = heights[centre] * heights[centre]
        for place in range(begins[number], begins[number + 1]):
            step = place - centre
            out[place - start] = np.sqrt(np.float32(step * step + height))

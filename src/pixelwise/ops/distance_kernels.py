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
        x = 0
        while x < width:
            if columns[y, x] == 0:
                out[y, x] = 0
                x += 1
                continue
            end = x
            while end < width and columns[y, end] > 0:
                end += 1
            _along_run(columns[y], out[y], x, end, (centres, begins))
            x = end


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
def _along_run(
    heights: NDArray[np.int32],
    out: NDArray[np.float32],
    start: int,
    end: int,
    room: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Take the lower envelope of the parabolas over one run and of the zeros at its ends."""
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
        if last < 0:
            begin = start
        if begin < end:
            last += 1
            centres[last], begins[last] = place, begin
    if last < 0:
        out[start:end] = np.inf
        return
    begins[last + 1] = end
    for number in range(last + 1):
        centre = centres[number]
        for place in range(max(begins[number], start), min(begins[number + 1], end)):
            step = place - centre
            out[place] = np.sqrt(np.float32(step * step + heights[centre] * heights[centre]))

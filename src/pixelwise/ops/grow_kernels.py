"""Compiled: decisions grown to the picture's size, worked out only where neighbours disagree.

Between four samples that agree nothing else can win, so a whole cell is filled at once; bilinear
values are computed only in the cells whose corners disagree. Arithmetic and order of operations
are those of the fallbacks in ``grow``, so the answers are equal.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["bounds", "finite", "threshold", "winner"]

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]


@jit
def finite(values: F32) -> bool:
    """Return whether no value (N,) is NaN or infinite: no exponent has all its bits."""
    bits = values.view(np.int32)
    found = False
    for number in range(len(bits)):
        found |= (bits[number] & 0x7F800000) == 0x7F800000
    return not found


@jit
def bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return y0, y1, x0, x1 of the least box that holds a mask (H, W), ends outside; or zeros.

    Each side is sought from the outside: masks that nearly fill their frame are left at once.
    """
    height, width = mask.shape
    y0, y1, x0, x1 = 0, height, 0, width
    while y0 < height and not mask[y0].any():
        y0 += 1
    if y0 == height:
        return 0, 0, 0, 0
    while not mask[y1 - 1].any():
        y1 -= 1
    while not mask[y0:y1, x0].any():
        x0 += 1
    while not mask[y0:y1, x1 - 1].any():
        x1 -= 1
    return y0, y1, x0, x1


@jit
def _spans(states: I8 | I32, edges: I32, spans: I32) -> int:
    """Write (begin, end, state, cell) of equal neighbours into ``spans``; a mixed cell (-1) alone.

    ``edges[c]`` is the first pixel of cell c, ``edges[-1]`` the number of pixels.
    """
    count, cell = 0, 0
    while cell < len(states):
        first, state = cell, states[cell]
        cell += 1
        while state >= 0 and cell < len(states) and states[cell] == state:
            cell += 1
        begin, end = edges[first], edges[cell]
        if begin < end:
            spans[count, 0], spans[count, 1] = begin, end
            spans[count, 2], spans[count, 3] = state, first
            count += 1
    return count


@jit
def _edges(start: I32, cells: int) -> I32:
    """Return the first pixel of each cell, and the number of pixels at the end."""
    edges = np.empty(cells + 1, np.int32)
    pixel = 0
    for cell in range(cells):
        while pixel < len(start) and start[pixel] < cell:
            pixel += 1
        edges[cell] = pixel
    edges[cells] = len(start)
    return edges


@jit
def _sides(upper: F32, lower: F32, level: np.float32, above: I8, states: I8) -> None:
    """Write 1 where all four corners are above the level, 0 where none is, -1 elsewhere."""
    for column in range(len(above)):
        above[column] = (upper[column] > level) + (lower[column] > level)
    right = above[1:]
    for cell in range(len(states)):
        corners = np.int8(above[cell] + right[cell])
        states[cell] = (corners >> np.int8(2)) - ((corners & np.int8(3)) != 0)


@jit
def threshold(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    scores: F32,
    level: np.float32,
    row_start: I32,
    row_weight: F32,
    column_start: I32,
    column_weight: F32,
    mask: NDArray[np.bool_],
) -> None:
    """Write where the bilinear score is above ``level`` into ``mask`` (H, W)."""
    cells = scores.shape[1] - 1
    edges = _edges(column_start, cells)
    above, states = np.empty(cells + 1, np.int8), np.empty(cells, np.int8)
    spans = np.empty((cells, 4), np.int32)
    count, mixed, known = 0, True, -1
    for y in range(mask.shape[0]):
        row, down = row_start[y], row_weight[y]
        upper, lower = scores[row], scores[row + 1]
        if row != known:
            _sides(upper, lower, level, above, states)
            count = _spans(states, edges, spans)
            known, mixed = row, False
            for number in range(count):
                mixed |= spans[number, 2] < 0
        elif not mixed:
            mask[y] = mask[y - 1]
            continue
        for number in range(count):
            begin, end, state = spans[number, 0], spans[number, 1], spans[number, 2]
            if state >= 0:
                mask[y, begin:end] = state == 1
                continue
            cell = spans[number, 3]
            left = upper[cell] + (lower[cell] - upper[cell]) * down
            right = upper[cell + 1] + (lower[cell + 1] - upper[cell + 1]) * down
            gap = right - left
            for x in range(begin, end):
                mask[y, x] = left + gap * column_weight[x] > level


@jit
def _best(scores: F32, best: I32) -> None:
    """Write the first greatest channel of every sample of ``scores`` (h, w, C).

    Where the channel of the sample before is above all others it is taken at once: the comparison
    of all channels with one runs in vector registers, the search for the greatest does not.
    """
    index = 0
    for y in range(scores.shape[0]):
        for x in range(scores.shape[1]):
            values = scores[y, x]
            top, rivals = values[index], 0
            for channel in range(len(values)):
                rivals += values[channel] >= top
            if rivals > 1:
                top, index = values[0], 0
                for channel in range(1, len(values)):
                    if values[channel] > top:
                        top, index = values[channel], channel
            best[y, x] = index


@jit
def _agreement(best: I32, row: int, states: I32) -> None:
    """Write the channel on which the four corners of each cell agree, -1 where they do not."""
    for cell in range(len(states)):
        first = best[row, cell]
        same = (
            best[row, cell + 1] == first
            and best[row + 1, cell] == first
            and best[row + 1, cell + 1] == first
        )
        states[cell] = first if same else -1


@jit
def _able(scores: F32, row: int, cell: int, able: I32) -> int:
    """Write the channels that may win inside a cell into ``able[cell]``; return how many.

    A channel whose greatest corner is below another's least corner never wins.
    """
    floor = np.float32(-np.inf)
    for channel in range(scores.shape[2]):
        a, b = scores[row, cell, channel], scores[row, cell + 1, channel]
        c, d = scores[row + 1, cell, channel], scores[row + 1, cell + 1, channel]
        floor = max(floor, min(a, b, c, d))
    count = 0
    for channel in range(scores.shape[2]):
        a, b = scores[row, cell, channel], scores[row, cell + 1, channel]
        c, d = scores[row + 1, cell, channel], scores[row + 1, cell + 1, channel]
        if max(a, b, c, d) >= floor:
            able[cell, count] = channel
            count += 1
    return count


@jit
def _survey(scores: F32, row: int, spans: I32, count: int, able: I32, ables: I32) -> bool:
    """Write the channels able to win in each mixed cell of a row; return whether there is one."""
    mixed = False
    for number in range(count):
        if spans[number, 2] < 0:
            cell, mixed = spans[number, 3], True
            ables[cell] = _able(scores, row, cell, able)
    return mixed


@jit
def _decide(  # noqa: PLR0913, PLR0917 - slices of arrays would cost more than the work
    scores: F32, row: int, down: np.float32, cell: int, able: I32, count: int, ways: F32
) -> None:
    """Write value and slope along x of each channel able to win into ``ways`` (2, C)."""
    for place in range(count):
        channel = able[cell, place]
        a, b = scores[row, cell, channel], scores[row, cell + 1, channel]
        c, d = scores[row + 1, cell, channel], scores[row + 1, cell + 1, channel]
        left = a + (c - a) * down
        ways[0, place], ways[1, place] = left, (b + (d - b) * down) - left


@jit
def _leader(ways: F32, count: int, along: np.float32) -> int:
    """Return the place of the first greatest channel at ``along``, 0..1, of a mixed cell."""
    top, index = ways[0, 0] + ways[1, 0] * along, 0
    for place in range(1, count):
        value = ways[0, place] + ways[1, place] * along
        if value > top:
            top, index = value, place
    return index


@jit
def winner(  # noqa: PLR0913, PLR0917 - a kernel takes bare arrays
    scores: F32,
    ids: I32,
    row_start: I32,
    row_weight: F32,
    column_start: I32,
    column_weight: F32,
    labels: I32,
) -> None:
    """Write ``ids`` of the first greatest bilinear channel of ``scores`` (h, w, C) into labels."""
    height, width, channels = scores.shape
    best = np.empty((height, width), np.int32)
    _best(scores, best)
    edges = _edges(column_start, width - 1)
    states, ables = np.empty(width - 1, np.int32), np.empty(width - 1, np.int32)
    spans = np.empty((width - 1, 4), np.int32)
    able = np.empty((width - 1, channels), np.int32)
    ways = np.empty((2, channels), np.float32)
    count, mixed, known = 0, True, -1
    for y in range(labels.shape[0]):
        row = row_start[y]
        if row != known:
            _agreement(best, row, states)
            count = _spans(states, edges, spans)
            mixed, known = _survey(scores, row, spans, count, able, ables), row
        elif not mixed:
            labels[y] = labels[y - 1]
            continue
        for number in range(count):
            begin, end, state = spans[number, 0], spans[number, 1], spans[number, 2]
            if state >= 0:
                labels[y, begin:end] = ids[state]
                continue
            cell = spans[number, 3]
            _decide(scores, row, row_weight[y], cell, able, ables[cell], ways)
            for x in range(begin, end):
                labels[y, x] = ids[able[cell, _leader(ways, ables[cell], column_weight[x])]]

"""Mean shift: where the pixels' joint density of place and colour has its modes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit
from pixelwise.ops.path_table import PathTable, cell_of, empty_table, remember, slot_of
from pixelwise.ops.progress import bands
from pixelwise.ops.strongest import strongest_near

__all__ = ["Modes", "mean_shift"]

STEPS = 100
STILL = 1e-3
"""Length of a step, in radii, at which a path has arrived."""
NEAR = 0.5
"""Distance in radii up to which neighbouring pixels share one path."""
LANES = 8
"""Numbers that a processor adds at once; the planes are so much wider."""


class Modes(NamedTuple):
    """The modes and which pixel climbs to which.

    Args:
        points: (M, 5) float64, y and x in pixels, then colour; the densest first.
        counts: (M,) int64, pixels within the radius of the mode.
        labels: (H, W) int32, 1..M.
    """

    points: NDArray[np.float64]
    counts: NDArray[np.int64]
    labels: NDArray[np.int32]


class _Scratch(NamedTuple):
    """Work space of one path: sums by column, its cells, where it stands (y, x, colour)."""

    sums: NDArray[np.float32]
    cells: NDArray[np.int64]
    at: NDArray[np.float64]


class _Climb(NamedTuple):
    """What the paths so far came to.

    Args:
        labels: (H, W) int32, the mode (from 0) of each pixel.
        starts: (H, W) int64, the pixel whose path was taken.
        ends: (H * W, 5) float64, where the modes are.
        counts: (H * W,) int64, pixels within the radius of each mode.
        table: Cells that paths went through.
        scratch: Work space.
        state: (2,) int64, the modes found and the cells that the table can yet take.
    """

    labels: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.float64]
    counts: NDArray[np.int64]
    table: PathTable
    scratch: _Scratch
    state: NDArray[np.int64]


FOUND, ROOM = 0, 1
"""Places in the state of a climb."""


def mean_shift(planes: NDArray[np.float32], spatial_radius: float, colour_radius: float) -> Modes:
    """Return the modes of the pixels in the joint space of place and colour.

    Each pixel moves to the mean of the pixels within a ball around it, again and again, until it
    stands still; the ball is where ``(place / spatial_radius)^2 + (colour / colour_radius)^2`` is
    at most 1. Modes within such a ball of a denser one are that one. A path that comes to where
    another went shares its end.

    Args:
        planes: (3, H, W) float32, the colours a plane each.
        spatial_radius: In pixels.
        colour_radius: In units of the planes.

    Source:
        D. Comaniciu, P. Meer, "Mean Shift: A Robust Approach Toward Feature Space Analysis",
        PAMI 24(5), 2002; paths that meet as in C. Christoudias, B. Georgescu, P. Meer,
        "Synergism in Low Level Vision", ICPR 2002.

    >>> step = np.zeros((3, 4, 8), np.float32)
    >>> step[:, :, 4:] = 50
    >>> mean_shift(step, 9, 5).points.round(1).tolist()
    [[1.5, 1.5, 0.0, 0.0, 0.0], [1.5, 5.5, 50.0, 50.0, 50.0]]
    """
    scaled = np.ascontiguousarray(planes / np.float32(colour_radius))
    scaled -= scaled.min(axis=(1, 2), keepdims=True)
    padded = np.pad(scaled, ((0, 0), (0, 0), (0, LANES)))
    climb = _start(padded, float(spatial_radius))
    for top, bottom in bands(planes.shape[1]):
        _climb_rows(padded, float(spatial_radius), climb, top, bottom)
    labels, found = climb.labels, climb.state[FOUND]
    ends, counts = climb.ends[:found], climb.counts[:found]
    order = np.lexsort((*ends.T[::-1], -counts))
    keeper = strongest_near(ends[order] / _units(spatial_radius))
    kept, rank = np.unique(keeper, return_inverse=True)
    mode = np.empty(len(order), np.int32)
    mode[order] = rank
    points = ends[order][kept]
    points[:, 2:] = (points[:, 2:] + planes.min(axis=(1, 2)) / colour_radius) * colour_radius
    return Modes(points, counts[order][kept], (mode + 1)[labels])


def _units(spatial_radius: float) -> NDArray[np.float64]:
    return np.array([spatial_radius, spatial_radius, 1.0, 1.0, 1.0])


def _start(planes: NDArray[np.float32], radius: float) -> _Climb:
    height, width = planes.shape[1], planes.shape[2] - LANES
    table = empty_table(height, width, radius)
    span = 2 * int(radius) + 2 + LANES
    return _Climb(
        np.empty((height, width), np.int32),
        np.empty((height, width), np.int64),
        np.empty((height * width, 5)),
        np.empty(height * width, np.int64),
        table,
        _Scratch(np.zeros((6, span), np.float32), np.empty(STEPS, np.int64), np.empty(5)),
        np.array([0, 3 * len(table.keys) // 4]),
    )


@jit
def _climb_rows(
    planes: NDArray[np.float32], radius: float, climb: _Climb, top: int, bottom: int
) -> None:
    """Find the mode of each pixel of some rows; those above are done."""
    labels, starts, scratch, state = climb.labels, climb.starts, climb.scratch, climb.state
    width = labels.shape[1]
    for y in range(top, bottom):
        for x in range(width):
            starts[y, x] = _start_near(planes, radius, starts, (y, x))
            if starts[y, x] != y * width + x:
                labels[y, x] = labels[starts[y, x] // width, starts[y, x] % width]
                continue
            scratch.at[0], scratch.at[1] = y, x
            scratch.at[2:] = planes[:, y, x]
            mode, steps, count = _climb(planes, radius, climb.table, scratch)
            if mode < 0:
                mode = state[FOUND]
                climb.ends[mode], climb.counts[mode] = scratch.at, count
                state[FOUND] += 1
            state[ROOM] -= steps
            for step in range(steps if state[ROOM] > 0 else 0):
                remember(climb.table, int(scratch.cells[step]), mode)
            labels[y, x] = mode


@jit
def _start_near(
    planes: NDArray[np.float32],
    radius: float,
    starts: NDArray[np.int64],
    pixel: tuple[int, int],
) -> int:
    """Return the pixel before this one whose path it shares, being so near; itself if none."""
    y, x = pixel
    width = starts.shape[1]
    for v, u in ((y, x - 1), (y - 1, x)):
        if v < 0 or u < 0:
            continue
        start = starts[v, u]
        sy, sx = start // width, start % width
        square = ((sy - y) ** 2 + (sx - x) ** 2) / (radius * radius)
        for channel in range(3):
            step = planes[channel, y, x] - planes[channel, sy, sx]
            square += step * step
        if square < NEAR * NEAR:
            return int(start)
    return y * width + x


@jit
def _climb(
    planes: NDArray[np.float32], radius: float, table: PathTable, scratch: _Scratch
) -> tuple[int, int, int]:
    """Follow one path; return the mode it meets (-1: a new one), its cells, the last count."""
    count = 0
    for step in range(STEPS):
        cell = cell_of(scratch.at, radius, planes.shape[2] - LANES)
        known = slot_of(table, cell)
        if table.keys[known] == cell:
            return int(table.modes[known]), step, count
        scratch.cells[step] = cell
        moved, count = _shift(planes, radius, scratch)
        if moved < STILL * STILL:
            return -1, step + 1, count
    return -1, STEPS, count


@jit
def _shift(planes: NDArray[np.float32], radius: float, scratch: _Scratch) -> tuple[float, int]:
    """Move to the mean of the ball; return the squared step in radii and the ball's pixels."""
    at, sums = scratch.at, scratch.sums
    height, width = planes.shape[1], planes.shape[2] - LANES
    top, left = max(0, int(np.ceil(at[0] - radius))), max(0, int(np.ceil(at[1] - radius)))
    bottom = min(height, int(np.floor(at[0] + radius)) + 1)
    right = min(width, int(np.floor(at[1] + radius)) + 1)
    _sum_columns(planes, (top, bottom, left, right), radius, scratch)
    totals = np.zeros(6)  # pixels, x, y, colours
    for j in range(right - left):
        totals[1] += sums[0, j] * j
        totals[0] += sums[0, j]
        for k in range(1, 5):
            totals[k + 1] += sums[k, j]
    moved = 0.0
    for k in range(5):
        mean = totals[(2, 1, 3, 4, 5)[k]] / totals[0] + (top, left, 0, 0, 0)[k]
        step = (mean - at[k]) / (radius if k < 2 else 1.0)
        moved += step * step
        at[k] = mean
    return moved, int(totals[0])


def _sum_columns_plain(
    planes: NDArray[np.float32],
    window: tuple[int, int, int, int],
    radius: float,
    scratch: _Scratch,
) -> None:
    """Do what :func:`_sum_columns_fast` does, the whole window at once."""
    top, bottom, left, right = window
    at, count = scratch.at.astype(np.float32), right - left
    scale = np.float32(1 / radius)
    y, x = np.arange(top, bottom, dtype=np.float32), np.arange(left, right, dtype=np.float32)
    dy, dx = (y - at[0]) * scale, (x - at[1]) * scale
    values = planes[:, top:bottom, left:right]
    first, second, third = (value - centre for value, centre in zip(values, at[2:], strict=True))
    square = first * first + second * second + third * third + dx * dx + (dy * dy)[:, np.newaxis]
    inside = (square <= 1).astype(np.float32)
    below = inside * (y - np.float32(top))[:, np.newaxis]
    parts = [inside, below, *(inside * value for value in values)]
    scratch.sums[:5, :count] = [part.sum(axis=0, dtype=np.float32) for part in parts]


@jit
def _sum_columns_fast(
    planes: NDArray[np.float32],
    window: tuple[int, int, int, int],
    radius: float,
    scratch: _Scratch,
) -> None:
    """Sum one, y and colours of the ball's pixels, column by column of the window.

    The loops run over whole groups of 8 columns (the planes are padded), so that they use wide
    registers throughout.
    """
    top, bottom, left, right = window
    scale, padded = np.float32(1 / radius), (right - left + LANES - 1) // LANES * LANES
    cy, cx = np.float32(scratch.at[0]), np.float32(scratch.at[1])
    a, b, c = np.float32(scratch.at[2]), np.float32(scratch.at[3]), np.float32(scratch.at[4])
    ones, below, across = scratch.sums[0], scratch.sums[1], scratch.sums[5]
    one, two, three = scratch.sums[2], scratch.sums[3], scratch.sums[4]
    scratch.sums[:, :padded] = 0
    for j in range(padded):
        dx = (np.float32(left + j) - cx) * scale
        across[j] = dx * dx if left + j < right else np.float32(2)
    for y in range(top, bottom):
        dy = (np.float32(y) - cy) * scale
        dy *= dy
        offset = np.float32(y) - np.float32(top)
        first, second = planes[0, y, left : left + padded], planes[1, y, left : left + padded]
        third = planes[2, y, left : left + padded]
        for j in range(padded):
            da, db, dc = first[j] - a, second[j] - b, third[j] - c
            square = da * da + db * db + dc * dc + across[j] + dy
            inside = np.float32(1) if square <= 1 else np.float32(0)
            ones[j] += inside
            below[j] += inside * offset
            one[j] += inside * first[j]
            two[j] += inside * second[j]
            three[j] += inside * third[j]


_sum_columns = _sum_columns_fast if COMPILED else _sum_columns_plain

"""Polygons into masks by COCO's rule, and masks into the outlines of their pixels, both exact.

Points are x y in pixels, (0, 0) being the outer corner of the first pixel. The outline of a mask
runs along the edges of its pixels, so filling it gives the mask back, here and in pycocotools.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.ops.components import components

__all__ = ["FARTHEST", "bridged", "fill", "outlines"]

Ring = NDArray[np.float64]
Ints = NDArray[np.int64]
Place = tuple[int, int]

FARTHEST = 2.0**28
"""Points farther out are damage: pycocotools, which counts in fifths of a pixel, overflows."""
FINE = 5.0
"""COCO's rule walks along the outline in steps of a fifth of a pixel."""


def fill(rings: Sequence[Ring], size: tuple[int, int]) -> tuple[Place, NDArray[np.bool_]]:
    """Return what rings enclose, even-odd: a ring inside a ring is a hole.

    One ring gives the mask of pycocotools, pixel for pixel. Memory is bounded by the part of the
    picture that the rings touch, whatever their numbers are.

    Args:
        rings: Each (P, 2) float64 x y, closed by itself; fewer than three points enclose nothing.
        size: (height, width) of the picture.

    Returns:
        (y, x) of the first pixel and the mask (h, w) bool in its box.

    Raises:
        InputError: A point is no number or farther away than ``FARTHEST``.

    >>> fill([np.array([[1.0, 0], [3, 0], [3, 1], [1, 1]])], (2, 4))
    ((0, 1), array([[ True,  True]]))
    """
    found = [_crossings(ring, size) for ring in rings if len(ring) >= 3]
    columns = np.concatenate([part[0] for part in found]) if found else np.zeros(0, np.int64)
    rows = np.concatenate([part[1] for part in found]) if found else np.zeros(0, np.int64)
    if not columns.size:
        return (0, 0), np.zeros((0, 0), bool)
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top, int(columns.max()) - left + 1
    if height == 0:
        return (0, 0), np.zeros((0, 0), bool)
    turns = np.zeros((height + 1, width), np.uint8)
    np.bitwise_xor.at(turns, (rows - top, columns - left), 1)
    inside = np.bitwise_xor.accumulate(turns, axis=0)[:height].view(bool)
    return _tight((top, left), inside)


def outlines(mask: NDArray[np.bool_]) -> list[list[Ring]]:
    """Return the outlines of the connected pieces of a mask: the outer ring, then its holes.

    Pixels that only touch at a corner are separate pieces. Outer rings run clockwise on the
    screen, holes the other way; collinear points are left out.

    Args:
        mask: (H, W) bool.

    >>> [ring.tolist() for ring in outlines(np.ones((1, 2), bool))[0]]
    [[[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]]
    """
    if not mask.any():
        return []
    padded = np.pad(np.asarray(mask, bool), 1)
    rows, columns, across, down = _corners(padded)
    labels, count = components(padded, diagonal=False)
    pieces: list[list[Ring]] = [[] for _ in range(count)]
    for walk in _walks(across, down):
        ring = np.stack([columns[walk], rows[walk]], axis=1).astype(np.float64)
        row, column = int(rows[walk[0]]), int(columns[walk[0]])
        label = int(labels[row + 1, column + 1])
        if label:
            pieces[label - 1].insert(0, ring)
        else:
            owner = int(labels[row, column + 1])
            pieces[owner - 1].append(np.concatenate([ring[:1], ring[:0:-1]]))
    return pieces


def bridged(rings: Sequence[Ring]) -> Ring:
    """Return one ring that encloses the same, even-odd: the rings joined by bridges of no width.

    Args:
        rings: Each (P, 2); at least one.

    >>> square = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]])
    >>> joined = bridged([square, square / 4 + 1])
    >>> int(fill([joined], (4, 4))[1].sum()), len(joined)
    (15, 10)
    """
    whole = np.asarray(rings[0], np.float64)
    for ring in rings[1:]:
        here, there = _nearest(whole, ring)
        around = np.concatenate([ring[there:], ring[:there], ring[there : there + 1]])
        whole = np.concatenate([whole[: here + 1], around, whole[here:]])
    return whole


def _nearest(first: Ring, second: Ring) -> tuple[int, int]:
    """Return the indices of two near points: the nearest to the middle of the other ring."""
    here = int(np.argmin(((first - second.mean(axis=0)) ** 2).sum(axis=1)))
    there = int(np.argmin(((second - first[here]) ** 2).sum(axis=1)))
    return here, there


def _crossings(ring: Ring, size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the columns where the outline crosses the middle of a column, and the row below."""
    points = np.asarray(ring, np.float64)
    if not np.isfinite(points).all() or np.abs(points).max() > FARTHEST:
        raise InputError(
            f"a polygon must have numbers within {FARTHEST:.0f} pixels", reason="polygon"
        )
    fine = np.trunc(points * FINE + 0.5)
    starts, ends = fine, np.roll(fine, -1, axis=0)
    steep = np.abs(ends[:, 0] - starts[:, 0]) < np.abs(ends[:, 1] - starts[:, 1])
    major = np.where(steep, 1, 0)
    order = np.arange(len(fine))
    swap = starts[order, major] > ends[order, major]
    begin = np.where(swap[:, np.newaxis], ends, starts)
    finish = np.where(swap[:, np.newaxis], starts, ends)
    flat = _flat_edges(begin[~steep], finish[~steep], size)
    upright = _steep_edges(begin[steep], finish[steep], size)
    return np.concatenate([flat[0], upright[0]]), np.concatenate([flat[1], upright[1]])


def _flat_edges(begin: Ring, finish: Ring, size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the crossings of edges that are at least as wide as high, begun at their left."""
    edge, column = _columns(begin[:, 0], finish[:, 0], size[1])
    run = finish[:, 0] - begin[:, 0]
    slope = np.divide(finish[:, 1] - begin[:, 1], run, out=np.zeros(len(run)), where=run > 0)
    step = FINE * column + 2 - begin[edge, 0]
    heights = [np.trunc(begin[edge, 1] + slope[edge] * (step + more) + 0.5) for more in (0, 1)]
    return column, _row(np.minimum(*heights), size[0])


def _steep_edges(begin: Ring, finish: Ring, size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the crossings of edges that are higher than wide, begun at their top."""
    low, high = np.minimum(begin[:, 0], finish[:, 0]), np.maximum(begin[:, 0], finish[:, 0])
    edge, column = _columns(low, high, size[1])
    rise = finish[:, 1] - begin[:, 1]
    slope = np.divide(finish[:, 0] - begin[:, 0], rise, out=np.zeros(len(rise)), where=rise > 0)
    start, tilt, reach = begin[edge, 0], slope[edge], rise[edge]
    border, left_to_right = FINE * column + 3, tilt > 0

    def crossed(step: Ring) -> NDArray[np.bool_]:
        place = np.trunc(start + tilt * step + 0.5)
        return np.where(left_to_right, place >= border, place < border)

    guess = np.divide(border - 0.5 - start, tilt, out=np.zeros(len(tilt)), where=tilt != 0)
    step = np.clip(np.ceil(guess) - 1, 1, np.maximum(reach, 1))
    for _ in range(2):  # rounding moves the place by one step at most
        step = np.where(crossed(step) | (step >= reach), step, step + 1)
    step = np.where((step > 1) & crossed(step - 1), step - 1, step)
    kept = crossed(step)
    return column[kept], _row((begin[edge, 1] + step - 1)[kept], size[0])


def _columns(low: Ring, high: Ring, width: int) -> tuple[Ints, Ints]:
    """Return, for each edge and each column whose middle it passes, the edge and the column."""
    first = np.clip(np.ceil((low - 2) / FINE), 0, width)
    past = np.clip(np.floor((high - 3) / FINE) + 1, 0, width)
    count = np.maximum(past - first, 0).astype(np.int64)
    edge = np.repeat(np.arange(len(low)), count)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    return edge, first.astype(np.int64)[edge] + within


def _row(height: Ring, rows: int) -> Ints:
    return np.ceil(np.clip((height + 0.5) / FINE - 0.5, 0, rows)).astype(np.int64)


def _tight(place: Place, mask: NDArray[np.bool_]) -> tuple[Place, NDArray[np.bool_]]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return (0, 0), np.zeros((0, 0), bool)
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return (place[0] + y0, place[1] + x0), mask[y0:y1, x0:x1].copy()


def _corners(padded: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where the outlines turn, and for each corner its partner along the row and column.

    Corners are sorted by row, then column; where four pixels meet like a chessboard two corners
    lie on one point: the first ends the edge from the left, the second begins that to the right.
    """
    above, below = padded[:-1], padded[1:]
    a, b, c, d = above[:, :-1], above[:, 1:], below[:, :-1], below[:, 1:]
    cross = (a == d) & (b == c) & (a != b)
    turn = (a ^ b ^ c ^ d) | cross
    rows, columns = np.nonzero(turn)
    double = cross[rows, columns]
    falling = a[rows, columns]  # the upper left and the lower right pixel are inside
    times = np.where(double, 2, 1)
    rows, columns = np.repeat(rows, times), np.repeat(columns, times)
    falling = np.repeat(falling, times)
    number = np.arange(len(rows))
    second = np.zeros(len(rows), bool)
    second[np.cumsum(times)[double] - 1] = True
    upper = np.where(np.repeat(double, times), second == ~falling, False)  # noqa: FBT003
    order = np.lexsort([~upper, rows, columns])
    return rows, columns, _partners(number), _partners(order)


def _partners(order: Ints) -> Ints:
    """Return for each corner the other end of its edge; each edge joins two in a row of order."""
    partner = np.empty(len(order), np.int64)
    partner[order[::2]], partner[order[1::2]] = order[1::2], order[::2]
    return partner


def _walks(across: Ints, down: Ints) -> list[list[int]]:
    """Return the rings as lists of corners, each from its first corner along the row."""
    along: list[Any] = across.tolist()
    beside: list[Any] = down.tolist()
    walks: list[list[int]] = []
    seen = bytearray(len(along))
    for start in range(len(along)):
        if seen[start]:
            continue
        walk, here = [], start
        while not seen[here]:
            there = along[here]
            seen[here] = seen[there] = 1
            walk += [here, there]
            here = beside[there]
        walks.append(walk)
    return walks

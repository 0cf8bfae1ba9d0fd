"""The outlines of all parts of a label map at once, along the edges of their pixels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["Rings", "rings"]


class Rings(NamedTuple):
    """Closed rings, those of one part together and its outer ring first.

    Args:
        points: (P, 2) int32 x y of the corners, (0, 0) the outer corner of the first pixel; the
            first point of a ring stands at its end again.
        ring: (P,) int64, the ring that a point belongs to, 0..R-1.
        part: (R,) int32, the part that a ring belongs to, ascending.
        first: (R,) int64, flat index of a pixel of that part.
    """

    points: NDArray[np.int32]
    ring: NDArray[np.int64]
    part: NDArray[np.int32]
    first: NDArray[np.int64]


def rings(parts: NDArray[np.int32]) -> Rings:
    """Return the rings of every part of a map.

    Parts that meet have the same points where they meet: their corners, and also where a third
    one begins beside a straight side. So nothing overlaps and nothing gapes between them, in
    whatever projection. Pixels that touch at a corner only are not joined by it. Outer rings run
    clockwise as one sees the picture, holes the other way.

    Args:
        parts: (H, W) int32: 1.. the parts, each connected by edges; 0 and less have no ring, but
            count as neighbours.

    >>> rings(np.array([[1, 1, 0]], np.int32)).points.tolist()
    [[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]
    >>> rings(np.array([[1, 1], [2, 3]], np.int32)).points[:6].tolist()
    [[0, 0], [2, 0], [2, 1], [1, 1], [0, 1], [0, 0]]
    """
    parts = np.ascontiguousarray(parts, np.int32)
    most, corners = (int(number) for number in _most(parts))
    points = np.empty((most + corners // 4, 2), np.int32)  # a ring has four corners or more
    table = np.empty((corners // 4, 4), np.int64)
    count = int(_trace(parts, points, table))
    ends, part, is_hole, first = table[:count].T
    order = np.lexsort((is_hole, part))
    lengths = np.diff(ends, prepend=0)
    begin, counts = (ends - lengths)[order], lengths[order]
    ring = np.repeat(np.arange(count), counts)
    shift = begin - (np.cumsum(counts) - counts)
    place = np.arange(ring.size) + shift[ring]
    return Rings(points[place], ring, part[order].astype(np.int32), first[order])


@jit
def _most(parts: NDArray[np.int32]) -> tuple[int, int]:
    """Return how many points rings have at most, their ends left out, and how many corners."""
    height, width = parts.shape
    points, corners = 0, 0
    for y in range(height + 1):
        for x in range(width + 1):
            a = parts[y - 1, x - 1] if y > 0 and x > 0 else 0
            b = parts[y - 1, x] if y > 0 and x < width else 0
            c = parts[y, x - 1] if y < height and x > 0 else 0
            d = parts[y, x] if y < height and x < width else 0
            if (a == b and c == d) or (a == c and b == d):
                continue
            points += 4
            corners += _turns(a, b, c, d) + _turns(b, a, d, c)
            corners += _turns(c, d, a, b) + _turns(d, c, b, a)
    return points, corners


@jit
def _turns(own: int, beside: int, across: int, far: int) -> int:
    """Return 1 where the outline of the pixel ``own`` turns at the vertex of these four."""
    if own <= 0:
        return 0
    alone = own not in (beside, across)
    inner = own == beside and own == across and own != far
    return 1 if alone or inner else 0


@jit
def _trace(parts: NDArray[np.int32], points: NDArray[np.int32], table: NDArray[np.int64]) -> int:
    """Walk every ring with its part on the right hand; return how many rings there are.

    Each ring begins where an upper edge begins. A row of the table: end of its points, part,
    whether it is a hole, flat index of its first pixel.
    """
    height, width = parts.shape
    seen = np.zeros((height, width), np.bool_)
    count, end = 0, 0
    for y in range(height):
        for x in range(width):
            own = parts[y, x]
            if own <= 0 or seen[y, x] or (y > 0 and parts[y - 1, x] == own):
                continue
            if x > 0 and parts[y, x - 1] == own and (y == 0 or parts[y - 1, x - 1] != own):
                continue
            stop, turned = _walk(parts, (y, x), seen, points, end)
            table[count, 0], table[count, 1] = stop, own
            table[count, 2], table[count, 3] = 1 if turned < 0 else 0, y * width + x
            count, end = count + 1, stop
    return count


@jit
def _walk(
    parts: NDArray[np.int32],
    start: tuple[int, int],
    seen: NDArray[np.bool_],
    points: NDArray[np.int32],
    end: int,
) -> tuple[int, int]:
    """Write the corners of one ring; return the end of its points and right minus left turns.

    Ways are 0 right, 1 down, 2 left, 3 up; the pixels ahead of a vertex are told by offsets.
    """
    own = parts[start]
    y, x, way, turned = start[0], start[1], 0, 0
    while True:
        points[end, 0], points[end, 1] = x, y
        end += 1
        if turned and way == 0 and y == start[0] and x == start[1]:
            return end, turned
        while True:
            if way == 0:
                seen[y, x] = True
            beside = _at(parts, y + (-1, 0, 0, -1)[way], x + (0, 0, -1, -1)[way])
            y += (0, 1, 0, -1)[way]
            x += (1, 0, -1, 0)[way]
            right = _at(parts, y + (0, 0, -1, -1)[way], x + (0, -1, -1, 0)[way])
            left = _at(parts, y + (-1, 0, 0, -1)[way], x + (0, 0, -1, -1)[way])
            if left == own or right != own or left != beside:
                break
        # left also where a part touches itself at a corner: there a hole ends
        turn = -1 if left == own else int(right != own)
        turned += turn
        way = (way + turn) % 4


@jit
def _at(parts: NDArray[np.int32], y: int, x: int) -> int:
    inside = 0 <= y < parts.shape[0] and 0 <= x < parts.shape[1]
    return parts[y, x] if inside else 0

"""Thin edges into closed contours, and closed contours into areas."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pixelwise.ops.components import components
from pixelwise.ops.morphology import fill_holes

__all__ = ["close_gaps", "enclosed", "polygon", "resampled"]

CIRCLE = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
"""The neighbours of a pixel, y x, in the order around it."""
NEIGHBOURS = 6
"""Loose ends that are looked at for a partner."""
POINTING = 0.5
"""Least cosine between where an end points and where its partner lies."""


def close_gaps(edges: NDArray[np.bool_], gap: int, *, border: bool = False) -> NDArray[np.bool_]:
    """Return thin edges with straight bridges over gaps of up to ``gap`` pixels.

    Every loose end is bridged to the nearest loose end that it points at, or to the edge straight
    ahead, whichever is nearer.

    Args:
        edges: (H, W) bool, one pixel thin.
        gap: Longest bridge, pixels.
        border: Whether the picture's border is an edge to bridge to.

    >>> close_gaps(np.array([[1, 1, 0, 0, 1, 1]], bool), 3).all()
    np.True_
    """
    if border:
        framed = np.pad(edges, 1, constant_values=True)
        return close_gaps(framed, gap)[1:-1, 1:-1]
    ends = _loose_ends(edges)
    if gap < 1 or len(ends) == 0:
        return edges
    headings = _headings(edges, ends)
    partner = _nearest_end(ends, headings, gap)
    ahead = _ahead(edges, ends, headings, gap)
    nearer = _way(ends, partner) <= _way(ends, ahead)
    targets = np.where(nearer[:, np.newaxis], partner, ahead)
    bridged = edges.astype(np.uint8)
    for end, target in zip(ends[targets[:, 0] >= 0], targets[targets[:, 0] >= 0], strict=True):
        cv2.line(bridged, _xy(end), _xy(target), 1)
    return bridged.view(bool)


def enclosed(edges: NDArray[np.bool_], *, border: bool = False) -> NDArray[np.bool_]:
    """Return what closed edges enclose, with these edges; loose ends are left out.

    Args:
        edges: (H, W) bool.
        border: Whether the picture's border helps: then all is enclosed from where no way leads
            to two opposite sides of the picture.

    >>> square = np.zeros((5, 6), bool)
    >>> square[0:3, 0:3] = square[4, 5] = True
    >>> square[1, 1] = False
    >>> int(enclosed(square).sum())
    9
    """
    inside = _cornered(edges) if border else fill_holes(edges) & ~edges
    beside = cv2.dilate(inside.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    return inside | (edges & beside)


def _cornered(edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the parts between edges that do not reach from one side to the opposite one."""
    parts, count = components(~edges, diagonal=False)
    reaches = np.zeros((4, count + 1), bool)
    for number, side in enumerate((parts[0], parts[-1], parts[:, 0], parts[:, -1])):
        reaches[number, side] = True
    inside = ~((reaches[0] & reaches[1]) | (reaches[2] & reaches[3]))
    inside[0] = False
    return np.asarray(inside[parts])


def polygon(points: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the inside and the border of a closed polygon, (H, W) bool.

    Args:
        points: (P, 2) x y of the corners.
        size: (height, width).

    >>> int(polygon(np.float32([[0, 0], [2, 0], [2, 2], [0, 2]]), (4, 4)).sum())
    9
    """
    area = np.zeros(size, np.uint8)
    cv2.fillPoly(area, [np.rint(points).astype(np.int32)], 1)
    return area.view(bool)


def resampled(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return ``count`` points evenly spread along a closed polygon.

    >>> resampled(np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]]), 8).tolist()[:3]
    [[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]]
    """
    closed = np.concatenate([points, points[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.arange(count) * (length[-1] / count)
    return np.stack([np.interp(places, length, closed[:, axis]) for axis in (0, 1)], axis=1)


def _loose_ends(edges: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return y x of the edge pixels with one short run of edge pixels in the circle around them."""
    points = np.argwhere(edges)
    places = points[:, np.newaxis] + 1 + np.array(CIRCLE)
    around = np.pad(edges, 1)[places[..., 0], places[..., 1]]
    starts = around & ~np.roll(around, 1, axis=1)
    return points[(starts.sum(axis=1) == 1) & (around.sum(axis=1) <= 3)]


def _headings(edges: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return y x of the direction in which each end points, of length 1."""
    reach = 3
    side = np.arange(-reach, reach + 1)
    steps = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    places = ends[:, np.newaxis] + reach + steps
    near = np.pad(edges, reach)[places[..., 0], places[..., 1]]
    # The own line is nearest, so it outweighs what already lies across the gap.
    pull = -steps / np.maximum((steps**2).sum(axis=1, keepdims=True), 1) ** 1.5
    heading = near.astype(np.float64) @ pull
    return heading / np.maximum(np.hypot(*heading.T), 1e-9)[:, np.newaxis]


def _nearest_end(
    ends: NDArray[np.int64], headings: NDArray[np.float64], gap: int
) -> NDArray[np.int64]:
    """Return y x of the nearest other end ahead and within reach, -1 -1 where there is none."""
    found = np.full(ends.shape, -1, np.int64)
    among = min(NEIGHBOURS, len(ends))
    if among < 2:
        return found
    distance, near = cKDTree(ends).query(ends, k=among, distance_upper_bound=gap + 1.01)
    for rank in range(among - 1, 0, -1):
        other = ends[np.minimum(near[:, rank], len(ends) - 1)]
        ahead = ((other - ends) * headings).sum(axis=1) >= POINTING * distance[:, rank]
        right = np.isfinite(distance[:, rank]) & (distance[:, rank] > 1.5) & ahead
        found[right] = other[right]
    return found


def _way(ends: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the distance to each target, infinite where there is none."""
    return np.where(targets[:, 0] >= 0, np.hypot(*(targets - ends).T), np.inf)


def _ahead(
    edges: NDArray[np.bool_], ends: NDArray[np.int64], headings: NDArray[np.float64], gap: int
) -> NDArray[np.int64]:
    """Return y x of the first edge pixel straight ahead of each end, -1 -1 where none is."""
    found = np.full(ends.shape, -1, np.int64)
    bounds = np.array(edges.shape) - 1
    for step in range(gap + 1, 1, -1):
        place = np.rint(ends + step * headings).astype(np.int64)
        lawful = np.all((place >= 0) & (place <= bounds), axis=1)
        hit = lawful & edges[tuple(np.clip(place, 0, bounds).T)]
        found[hit] = place[hit]
    return found


def _xy(point: NDArray[np.int64]) -> tuple[int, int]:
    return int(point[1]), int(point[0])

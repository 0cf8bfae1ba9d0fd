"""How well tracks and things fit, and who belongs to whom."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pixelwise.ops.overlap import box_overlaps
from pixelwise.tracking.appearance import alike
from pixelwise.tracking.things import Things
from pixelwise.tracking.tracks import Track, heading

__all__ = ["assigned", "directed", "looks", "overlaps", "within_reach"]

OTHER_CLASS = 0.6
"""Share of its overlap that counts where a thing is seen as another class than before."""
REACH, REACH_A_FRAME, REACH_MOST = 1.0, 0.1, 2.5
"""A thing out of sight is sought within so many of its sides, so many more each frame, at most."""
GROWTH = 2.5
"""Times by which its area may have changed meanwhile."""

Table = NDArray[np.float64]


def assigned(affinity: Table, allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) with the greatest sum, only allowed ones.

    >>> assigned(np.array([[0.9, 0.8], [0.7, 0.1]]), np.array([[True, True], [True, False]]))
    [(0, 1), (1, 0)]
    """
    if affinity.size == 0:
        return []
    rows, columns = linear_sum_assignment(-np.where(allowed, affinity, 0))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if allowed[row, column]
    ]


def overlaps(tracks: Sequence[Track], things: Things, masks: float, *, last: bool = False) -> Table:
    """Return the overlap of where tracks are expected and where things are, (T, N) 0..1.

    Args:
        tracks: The tracks.
        things: The things.
        masks: Weight of the masks' overlap, 0..1; the rest is that of the boxes.
        last: Whether to look where they were last seen, and not where they are expected.
    """
    places = [track.last_box if last else track.motion.box for track in tracks]
    boxes = np.array(places, np.float64).reshape(-1, 4)
    found = np.asarray(box_overlaps(boxes, things.boxes), np.float64)
    if masks > 0:
        for row, column in np.argwhere(found > 0):
            crop = tracks[row].crop_at(places[row])
            other = things.crops[column]
            shared = crop.shared_with(other)
            iou = shared / max(crop.area + other.area - shared, 1)
            found[row, column] += masks * (iou - found[row, column])
    classes = np.array([track.class_id for track in tracks], np.int64).reshape(-1, 1)
    return np.where(classes == things.classes, found, found * OTHER_CLASS)


def directed(tracks: Sequence[Track], things: Things) -> Table:
    """Return the cosine between the way of a track and that to each thing, times its score."""
    table = np.zeros((len(tracks), len(things)))
    for row, track in enumerate(tracks):
        way = track.direction
        if way.any():
            start = track.seen[0][1]
            ways = np.array([heading(start, box) for box in things.boxes]).reshape(-1, 2)
            table[row] = (ways @ way) * things.scores
    return table


def looks(tracks: Sequence[Track], things: Things) -> Table:
    """Return how alike the colours of tracks and things are, (T, N) 0..1."""
    return alike([track.colours for track in tracks], list(things.colours))


def within_reach(tracks: Sequence[Track], things: Things, frame: int) -> NDArray[np.bool_]:
    """Return which things a track that was out of sight may have become, (T, N)."""
    allowed = np.zeros((len(tracks), len(things)), bool)
    middles = (things.boxes[:, :2] + things.boxes[:, 2:]) / 2
    areas = np.maximum(np.prod(things.boxes[:, 2:] - things.boxes[:, :2], axis=1), 1)
    for row, track in enumerate(tracks):
        box, gap = track.last_box, frame - track.frame
        area = max(float(np.prod(box[2:] - box[:2])), 1.0)
        reach = min(REACH + REACH_A_FRAME * gap, REACH_MOST) * area**0.5
        nearest = np.min(
            [
                np.hypot(*(middles - (place[:2] + place[2:]) / 2).T)
                for place in (box, track.motion.box)
            ],
            axis=0,
        )
        same = track.class_id == things.classes
        grown = np.maximum(areas / area, area / areas) < GROWTH
        allowed[row] = (nearest < reach) & grown & same
    return allowed

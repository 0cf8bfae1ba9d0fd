"""Outlines made of right angles, as buildings, fields of panels and plots have them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["right_angled"]

Points = NDArray[np.float64]

LEAST = 1.0
"""Stairs of pixels along a slanted side are up to one pixel deep."""


def right_angled(rings: Sequence[Points], tolerance: float) -> list[Points] | None:
    """Return the rings of a polygon with right angles only, all along one direction.

    The direction is that in which most of the outer ring runs, long sides first: the mean of
    their angles, by the fourth harmonic, weighted by squared length. Each side is laid along it or
    across it, in the mean of the outline's pixels there; sides of one line are joined, and steps
    shorter than the tolerance go. (The usual chain: straighten, find the direction, snap, merge.)

    Args:
        rings: (N, 2) x y in pixels, whole numbers, the first point not repeated; the outer first.
        tolerance: In pixels; at least one is taken.

    Returns:
        (M, 2) float64 each, the first point not repeated; holes of which nothing is left go.
        None where nothing is left of the outer ring.

    >>> bumpy = np.array([[0, 0], [9, 0], [9, 4], [5, 4], [5, 5], [4, 5], [4, 4], [0, 4]], float)
    >>> right_angled([bumpy], 2)[0].shape
    (4, 2)
    """
    tolerance = max(tolerance, LEAST)
    angle = _direction(rings[0], tolerance)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    made = [_snapped(ring, turn, tolerance) for ring in rings]
    if made[0] is None:
        return None
    return [ring @ turn.T for ring in made if ring is not None]


def _paths(ring: Points, tolerance: float) -> list[NDArray[np.intp]]:
    """Return for each nearly straight side of a ring the places of its points, end included."""
    kept = cv2.approxPolyDP(ring.astype(np.int32), tolerance, closed=True)[:, 0]
    corners, place = [], 0
    shift = int(np.flatnonzero((ring == kept[0]).all(axis=1))[0])
    turned = np.roll(ring, -shift, axis=0)
    for corner in kept:
        place += int(np.flatnonzero((turned[place:] == corner).all(axis=1))[0])
        corners.append(place)
    ends = [*corners[1:], len(ring)]
    return [
        (np.arange(first, last + 1) + shift) % len(ring)
        for first, last in zip(corners, ends, strict=True)
    ]


def _direction(ring: Points, tolerance: float) -> float:
    """Return the angle of most sides, modulo a right angle."""
    total = 0j
    for path in _paths(ring, tolerance):
        steps, middles, lengths = _steps(ring[path])
        away = middles - np.average(middles, axis=0, weights=lengths)
        # second moments of line segments: stairs count as the line they follow
        spread = (away * lengths[:, np.newaxis]).T @ away
        spread += (steps * lengths[:, np.newaxis]).T @ steps / 12
        along = np.linalg.eigh(spread)[1][:, 1]
        size = np.hypot(*(ring[path[-1]] - ring[path[0]]))
        total += size**2 * np.exp(4j * np.arctan2(along[1], along[0]))
    return float(np.angle(total) / 4)


def _steps(points: Points) -> tuple[Points, Points, NDArray[np.float64]]:
    steps = np.diff(points, axis=0)
    return steps, (points[1:] + points[:-1]) / 2, np.hypot(*steps.T)


@dataclass(frozen=True, slots=True)
class _Line:
    """A side along (y is fixed) or across (x is fixed) the direction."""

    is_along: bool
    weight: float
    moment: float

    @property
    def at(self) -> float:
        return self.moment / self.weight

    def __add__(self, other: "_Line") -> "_Line":
        return _Line(self.is_along, self.weight + other.weight, self.moment + other.moment)


def _snapped(ring: Points, turn: Points, tolerance: float) -> Points | None:
    """Return a ring with its sides along the axes of the turned plane, in that plane."""
    lines: list[_Line] = []
    for path in _paths(ring, tolerance):
        points = ring[path] @ turn
        _, middles, lengths = _steps(points)
        width, height = np.abs(points[-1] - points[0])
        axis = 1 if width >= height else 0
        line = _Line(axis == 1, float(lengths.sum()), float(middles[:, axis] @ lengths))
        if lines and lines[-1].is_along == line.is_along:
            lines[-1] += line
        else:
            lines.append(line)
    if len(lines) > 1 and lines[0].is_along == lines[-1].is_along:
        lines[0] += lines.pop()
    lines = _without_steps(lines, tolerance)
    if len(lines) < 4:
        return None
    beside = [*lines[1:], lines[0]]
    return np.array(
        [
            (two.at, one.at) if one.is_along else (one.at, two.at)
            for one, two in zip(lines, beside, strict=True)
        ]
    )


def _without_steps(lines: list[_Line], tolerance: float) -> list[_Line]:
    """Return the lines of which no side but those of a rectangle is shorter than the tolerance."""
    while len(lines) > 4:
        sizes = [abs(lines[n - 1].at - lines[(n + 1) % len(lines)].at) for n in range(len(lines))]
        least = int(np.argmin(sizes))
        if sizes[least] >= tolerance:
            break
        lines = lines[least:] + lines[:least]  # the step first, then the two it parts
        lines = [lines[1] + lines[-1], *lines[2:-1]]
    return lines

"""Places at a person: the head, the sides, the back, the outline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.ar.quads import Place, upright
from pixelwise.apps.ar.steady import Steady
from pixelwise.apps.ar.view import View
from pixelwise.core.method import check_ranges, setting

__all__ = ["Outline", "Person", "Spot"]

HAT_SINKS = 0.3
"""A hat covers the head down to this share of the head's width."""


class Spot(StrEnum):
    """Parts of a person; left and right are those of the frame."""

    HEAD = "head"
    ABOVE = "above"
    LEFT = "left"
    RIGHT = "right"
    BACK = "back"


WIDTHS: Mapping[Spot, float] = {
    Spot.HEAD: 1.5,
    Spot.ABOVE: 1.0,
    Spot.LEFT: 1.2,
    Spot.RIGHT: 1.2,
    Spot.BACK: 4.0,
}
"""Usual widths, in widths of the head."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Person:
    """A place at the person: on the head, above it, beside it, behind the back.

    What is on the head is before the person, all else behind. Nobody there: nothing is shown.
    """

    at: Spot = setting(Spot.HEAD, "part of the person")
    width: float | None = setting(None, "in widths of the head", low=0.01, high=50)
    x: float = setting(0.0, "moved right by so many widths of the head", low=-50, high=50)
    y: float = setting(0.0, "moved down by so many widths of the head", low=-50, high=50)
    _steady: Steady = field(default_factory=Steady, init=False, repr=False)

    def __post_init__(self) -> None:
        check_ranges(self)

    def place(self, view: View, aspect: float) -> Place | None:
        """Return where a picture ``aspect`` times as high as wide goes; None: nobody is there."""
        head, box = view.head, view.box
        if head is None or box is None:
            return None
        found = np.array([head.x, head.top, head.width, box[0], box[2]])
        x, top, unit, left, right = self._steady(found, view.time_s)
        width = unit * (WIDTHS[self.at] if self.width is None else self.width)
        height = width * aspect
        middle = {
            Spot.HEAD: (x, top + HAT_SINKS * unit - height / 2),
            Spot.ABOVE: (x, top - 0.15 * unit - height / 2),
            Spot.LEFT: (left - width / 2, top + 0.7 * unit),
            Spot.RIGHT: (right + width / 2, top + 0.7 * unit),
            Spot.BACK: (x, top + 1.6 * unit),
        }[self.at]
        moved = np.array(middle) + unit * np.array([self.x, self.y])
        return Place(upright(moved, width, aspect), is_front=self.at is Spot.HEAD)


@dataclass(frozen=True, eq=False, kw_only=True)
class Outline:
    """A place on the person's outline, on which the picture stands; it may walk along."""

    at: float = setting(0.0, "share of the outline, clockwise from its top", low=0, high=1)
    speed: float = setting(0.0, "rounds a second", low=-10, high=10)
    width: float = setting(0.6, "in widths of the head", low=0.01, high=50)
    _steady: Steady = field(default_factory=Steady, init=False, repr=False)

    def __post_init__(self) -> None:
        check_ranges(self)

    def place(self, view: View, aspect: float) -> Place | None:
        """Return where the picture goes, its foot on the outline; None: nobody is there."""
        line, head = view.outline, view.head
        if line is None or head is None:
            return None
        share = (self.at + self.speed * view.time_s) % 1
        foot, way = _stand(line, share, 0.5 * self.width * head.width)
        found = np.concatenate([foot, way, [head.width]])
        x, y, right, down, unit = self._steady(found, view.time_s)
        width, turn = self.width * unit, float(np.arctan2(down, right))
        up = np.array([np.sin(turn), -np.cos(turn)])
        middle = np.array([x, y]) + up * (width * aspect / 2)
        return Place(upright(middle, width, aspect, np.degrees(turn)), is_front=True)


def _stand(
    line: NDArray[np.float32], share: float, reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a place on a closed line and the line's direction there, over ``reach`` pixels."""
    closed = np.concatenate([line, line[:1]]).astype(np.float64)
    steps = np.linalg.norm(np.diff(closed, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    places = (share * along[-1] + reach * np.linspace(-1, 1, 9)) % along[-1]
    points = np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=-1)
    way = points[-1] - points[0]
    return points[2:7].mean(0), way / max(float(np.linalg.norm(way)), 1e-6)

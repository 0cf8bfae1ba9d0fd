"""Places in the picture that are watched: zones that things enter and leave, lines they cross."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from pixelwise.core import Instances, Panoptic, Result
from pixelwise.errors import InputError, InvalidSetting

__all__ = ["Event", "Line", "Watch", "Zone"]

Point = tuple[float, float]

SETTLED = 2
"""Frames in a row that a thing must stay on the other side before it counts: masks tremble."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the picture.

    Args:
        name: What it is called.
        points: x y of its three or more corners.

    Raises:
        InvalidSetting: There are fewer corners.
    """

    name: str
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3:
            raise InvalidSetting.of("zone", self.points, "three corners or more")

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it or on its border.

        >>> Zone("door", ((0, 0), (9, 0), (9, 9), (0, 9))).holds((5, 5))
        True
        """
        outline = np.array(self.points, np.float32)
        return cv2.pointPolygonTest(outline, point, measureDist=False) >= 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line that things cross; looking from its start to its end, right is in and left is out.

    Args:
        name: What it is called.
        points: x y of start and end.

    Raises:
        InvalidSetting: Start and end are one point.
    """

    name: str
    points: tuple[Point, Point]

    def __post_init__(self) -> None:
        if len(self.points) != 2 or self.points[0] == self.points[1]:
            raise InvalidSetting.of("line", self.points, "two points that differ")

    def is_right(self, point: Point) -> bool:
        """Whether a point lies on the right, as seen in the picture.

        >>> Line("gate", ((0, 5), (10, 5))).is_right((4, 9))
        True
        """
        (x0, y0), (x1, y1) = self.points
        return (x1 - x0) * (point[1] - y0) - (y1 - y0) * (point[0] - x0) > 0

    def is_met(self, start: Point, end: Point) -> bool:
        """Whether the straight way between two points crosses it, and not its prolongation."""
        way = Line(self.name, (start, end)) if start != end else None
        return (
            way is not None
            and self.is_right(start) != self.is_right(end)
            and way.is_right(self.points[0]) != way.is_right(self.points[1])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a place that is watched.

    Args:
        kind: ``enter`` or ``leave`` a zone; ``in`` or ``out`` over a line.
        place: Name of the zone or line.
        track: Id of the thing.
        class_name: Its class.
        frame: Number of the frame, from 0.
        time_s: Its time; None where the source has none.
        point: x y, the foot of the thing.
    """

    kind: str
    place: str
    track: int
    class_name: str
    frame: int
    time_s: float | None
    point: Point

    def record(self) -> dict[str, object]:
        """Return what a line of JSON holds."""
        return {
            "event": self.kind,
            "place": self.place,
            "track": self.track,
            "class": self.class_name,
            "frame": self.frame,
            "time_s": self.time_s,
            "point": [round(value, 1) for value in self.point],
        }


@dataclass(slots=True)
class _Side:
    """On which side of a place a thing is, and for how long it seems to be on the other."""

    inside: bool
    point: Point
    other: int = 0


@dataclass(slots=True, eq=False)
class Watch:
    """Watches zones and lines, frame by frame; a thing is where its foot is.

    Args:
        zones: Parts of the picture.
        lines: Lines.

    Raises:
        InvalidSetting: Two places have one name.

    >>> legend = Legend.of(["car"], things=["car"])
    >>> watch = Watch(lines=(Line("gate", ((20, 0), (20, 30))),))
    >>> for number, x in enumerate((30, 24, 15, 10, 5)):
    ...     table = Segments.of([0], box=[(x - 4, 5, x + 4, 15)], track_id=[7])
    ...     crop = Crop((5, x - 4), np.ones((10, 8), bool))
    ...     for event in watch.see(Instances(table, (crop,), (30, 40), legend), number):
    ...         print(event.kind, event.track, event.frame)
    in 7 3
    """

    zones: Sequence[Zone] = ()
    lines: Sequence[Line] = ()
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(place, kind) -> how often."""
    _sides: dict[tuple[str, int], _Side] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [zone.name for zone in self.zones] + [line.name for line in self.lines]
        if len(set(names)) < len(names):
            raise InvalidSetting.of("zones and lines", names, "of different names")

    def see(self, result: Result, frame: int, time_s: float | None = None) -> list[Event]:
        """Return what happened in a frame, in the order of places and things.

        Raises:
            InputError: The result has no tracks.
        """
        if not isinstance(result, Instances | Panoptic):
            raise InputError(f"zones and lines need tracks, not {result.task}")
        table = result.segments[result.segments.track_id > 0]
        names = [result.legend.name(int(class_id)) for class_id in table.class_id]
        events = []
        places: list[Zone | Line] = [*self.zones, *self.lines]
        for place in places:
            for segment, name in zip(table, names, strict=True):
                x0, _, x1, y1 = segment.box
                point = ((x0 + x1) / 2, y1)
                kind = self._change(place, segment.track_id, point)
                if kind:
                    self.counts[place.name, kind] += 1
                    events.append(
                        Event(
                            kind=kind,
                            place=place.name,
                            track=segment.track_id,
                            class_name=name,
                            frame=frame,
                            time_s=time_s,
                            point=point,
                        )
                    )
        return events

    def _change(self, place: Zone | Line, track: int, point: Point) -> str:
        """Return what a thing did at a place, empty for nothing."""
        inside = place.holds(point) if isinstance(place, Zone) else place.is_right(point)
        side = self._sides.get((place.name, track))
        if side is None:
            self._sides[place.name, track] = _Side(inside, point)
            return "enter" if isinstance(place, Zone) and inside else ""
        if inside == side.inside:
            side.point, side.other = point, 0
            return ""
        side.other += 1
        if side.other < SETTLED:
            return ""
        start, side.inside, side.point, side.other = side.point, inside, point, 0
        if isinstance(place, Zone):
            return "enter" if inside else "leave"
        return ("in" if inside else "out") if place.is_met(start, point) else ""

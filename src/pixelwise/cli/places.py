"""Zones and lines as users write them."""

from collections.abc import Sequence

from pixelwise.drawing.trails import Marks
from pixelwise.errors import InvalidSetting
from pixelwise.tracking.zones import Line, Watch, Zone

__all__ = ["marks_of", "parse_watch"]

Point = tuple[float, float]


def parse_watch(zones: Sequence[str], lines: Sequence[str]) -> Watch:
    """Return what is watched, from ``name=x,y,x,y,...`` texts; a name may be left out.

    Raises:
        InvalidSetting: A text is no zone or line.

    >>> parse_watch([], ["gate=0,5,9,5"]).lines[0]
    Line(name='gate', points=((0.0, 5.0), (9.0, 5.0)))
    """
    return Watch(
        tuple(Zone(*_named(text, f"zone {n}")) for n, text in enumerate(zones, start=1)),
        tuple(_line(*_named(text, f"line {n}")) for n, text in enumerate(lines, start=1)),
    )


def marks_of(watch: Watch) -> tuple[Marks, ...]:
    """Return what is drawn of the places that are watched."""
    closed = [Marks(zone.name, zone.points, is_closed=True) for zone in watch.zones]
    lines = [Marks(line.name, line.points, is_closed=False) for line in watch.lines]
    return (*closed, *lines)


def _line(name: str, points: tuple[Point, ...]) -> Line:
    if len(points) != 2:
        raise InvalidSetting.of("line", points, "two points, x,y,x,y")
    return Line(name, (points[0], points[1]))


def _named(text: str, default: str) -> tuple[str, tuple[Point, ...]]:
    name, sign, numbers = text.rpartition("=")
    try:
        values = [float(part) for part in numbers.split(",")]
    except ValueError as error:
        raise InvalidSetting.of("zone or line", text, "NAME=x,y,x,y,...") from error
    if len(values) % 2:
        raise InvalidSetting.of("zone or line", text, "NAME=x,y,x,y,... with pairs of numbers")
    points = tuple(zip(values[::2], values[1::2], strict=True))
    return (name if sign and name else default), points

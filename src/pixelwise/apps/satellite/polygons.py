"""Labels of any size as polygons, strip by strip, with nothing lost between neighbours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from pixelwise.ops.components import relabel
from pixelwise.ops.right_angles import right_angled
from pixelwise.ops.rings import rings
from pixelwise.ops.windows import Window

__all__ = ["Shapes", "polygons_of", "regularised", "simplified"]

CHANGED = 0.1
"""Share of a polygon's area by which its right-angled outline may differ from it."""

Labels = NDArray[np.integer[Any]]


class Shapes(NamedTuple):
    """Polygons of some connected parts.

    Args:
        label: (N,) int64, the label of each.
        shape: (N,) shapely polygons in pixels, (0, 0) the outer corner of the first pixel.
    """

    label: NDArray[np.int64]
    shape: NDArray[Any]


def polygons_of(strips: Iterable[tuple[Window, Labels]], void: int) -> Iterator[Shapes]:
    """Yield the polygon of every connected part of every label but ``void``.

    Parts are connected by edges of pixels. The polygons do not depend on how high the strips are:
    parts that a strip cuts are joined, and the points that only the cut made are taken out. What
    is kept in memory is a strip and the parts that go on below it.

    Args:
        strips: Whole rows of labels, top to bottom.
        void: The label without polygons.
    """
    seams = _Seams(void)
    before: Labels | None = None
    waiting: tuple[Window, Labels] | None = None
    for window, labels in strips:
        if waiting is not None:
            yield from seams.add(*waiting, above=before, below=labels[0])
            before = waiting[1][-1]
        waiting = (window, labels)
    if waiting is not None:
        yield from seams.add(*waiting, above=before, below=None)


def simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """Return all polygons with fewer points, borders between neighbours still shared.

    Args:
        shapes: All polygons of a map.
        tolerance: In pixels; corners that span less than its square go (Visvalingam, Whyatt).
    """
    return shapes._replace(shape=shapely.coverage_simplify(shapes.shape, tolerance))


def regularised(shapes: Shapes, tolerance: float) -> Shapes:
    """Return the polygons with right angles only; each for itself, so that neighbours may overlap.

    One that would not be valid, or would differ by more than CHANGED, stays as it is: a slanted
    building that the border of the picture cuts is no rectangle.

    Args:
        shapes: Polygons in pixels.
        tolerance: In pixels; steps of sides shorter than this go.
    """
    made = [_regular(shape, tolerance) for shape in shapes.shape]
    return shapes._replace(shape=np.array(made, object))


def _regular(shape: Any, tolerance: float) -> Any:  # noqa: ANN401 - a polygon
    found = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(shape)]
    made = right_angled(found, tolerance)
    if made is None:
        return shape
    whole = shapely.Polygon(made[0], made[1:])
    is_alike = whole.is_valid and whole.symmetric_difference(shape).area <= CHANGED * shape.area
    return whole if is_alike else shape


@dataclass
class _Seams:
    """What goes on below the last strip."""

    void: int
    open: dict[int, list[Any]] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)
    last: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    cuts: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    count: int = 0

    def add(
        self, window: Window, labels: Labels, *, above: Labels | None, below: Labels | None
    ) -> Iterator[Shapes]:
        """Yield the parts that end in a strip."""
        if (labels == self.void).all():
            yield from self._close(np.zeros(0, np.int64))
            self.last = np.zeros(window.width, np.int64)
            return
        parts, _ = relabel(
            np.where(labels == self.void, 0, labels.astype(np.int32) + 1), diagonal=False
        )
        found = rings(_framed(parts, above, below))
        own, shapes = _polygons(found, window.top, above is not None)
        flat = found.first - (0 if above is None else window.width)
        _, index = np.unique(found.part, return_index=True)
        names = labels.reshape(-1)[flat[index]].astype(np.int64)
        top, bottom = parts[0].astype(np.int64), parts[-1].astype(np.int64)
        joins = self._joins(top, labels[0], above)
        if above is not None:
            self.cuts[window.top] = _needless(above, labels[0])
        goes_on = np.unique(bottom[bottom > 0]) if below is not None else np.zeros(0, np.int64)
        seamed = np.union1d(np.unique(joins[:, 1]), goes_on)
        inside = ~np.isin(own, seamed)
        yield Shapes(names[inside], shapes[inside])
        pieces = {
            int(part): (shape, int(name))
            for part, shape, name in zip(own[~inside], shapes[~inside], names[~inside], strict=True)
        }
        group = self._joined(joins, pieces)
        number = np.zeros(int(parts.max()) + 1, np.int64)
        number[list(group)] = list(group.values())
        self.last = number[bottom] if below is not None else np.zeros(0, np.int64)
        yield from self._close(np.unique(self.last))

    def _joins(self, top: NDArray[np.int64], labels: Labels, above: Labels | None) -> Any:  # noqa: ANN401
        """Return pairs (open group, part of the strip) that touch across the seam."""
        if above is None or not self.last.size:
            return np.zeros((0, 2), np.int64)
        touch = (above == labels) & (self.last > 0) & (top > 0)
        return np.unique(np.stack([self.last[touch], top[touch]], axis=1), axis=0)

    def _joined(self, joins: Any, pieces: dict[int, tuple[Any, int]]) -> dict[int, int]:  # noqa: ANN401
        """Add the pieces to the open groups; return the group of each part."""
        group: dict[int, int] = {}
        for part, (shape, label) in pieces.items():
            self.count += 1
            group[part] = self.count
            self.open[self.count], self.labels[self.count] = [shape], label
        moved: dict[int, int] = {}
        for old, part in joins.tolist():
            first, second = _root(moved, old), _root(moved, group[part])
            if first != second:
                moved[second] = first
                self.open[first] += self.open.pop(second)
                del self.labels[second]
        return {part: _root(moved, number) for part, number in group.items()}

    def _close(self, going_on: NDArray[np.int64]) -> Iterator[Shapes]:
        """Yield the groups of which nothing is left to come."""
        kept = set(going_on.tolist())
        over = [number for number in self.open if number not in kept]
        if over:
            shapes = [self._whole(self.open.pop(number)) for number in over]
            names = [self.labels.pop(number) for number in over]
            yield Shapes(np.array(names, np.int64), np.array(shapes, object))

    def _whole(self, pieces: list[Any]) -> Any:  # noqa: ANN401 - a polygon
        if len(pieces) == 1:
            return pieces[0]
        return _cleaned(shapely.union_all(pieces), self.cuts)


def _root(moved: dict[int, int], number: int) -> int:
    while number in moved:
        number = moved[number]
    return number


def _framed(
    parts: NDArray[np.int32], above: Labels | None, below: Labels | None
) -> NDArray[np.int32]:
    """Return the parts with the rows around them as neighbours, which are negative."""
    rows = [parts]
    if above is not None:
        rows.insert(0, -1 - above[np.newaxis].astype(np.int32))
    if below is not None:
        rows.append(-1 - below[np.newaxis].astype(np.int32))
    return np.concatenate(rows) if len(rows) > 1 else parts


def _polygons(found: Any, top: int, shifted: bool) -> tuple[NDArray[np.int64], NDArray[Any]]:  # noqa: ANN401, FBT001
    """Return the parts and their polygons in pixels of the whole map."""
    points = found.points.astype(np.float64)
    points[:, 1] += top - int(shifted)
    own, index = np.unique(found.part, return_inverse=True)
    lines = shapely.linearrings(points, indices=found.ring)
    return own.astype(np.int64), shapely.polygons(lines, indices=index)


def _needless(above: Labels, below: Labels) -> NDArray[np.bool_]:
    """Return which vertices of a seam, 0..W, only the cut made: straight sides cross it."""
    same = above == below
    return np.concatenate([[True], same]) & np.concatenate([same, [True]])


def _cleaned(shape: Any, cuts: dict[int, NDArray[np.bool_]]) -> Any:  # noqa: ANN401 - a polygon
    """Return a joined polygon without the points that only the cuts made."""
    lines = shapely.get_rings(shape)
    points, ring = shapely.get_coordinates(lines, return_index=True)
    x, y = points.astype(np.int64).T
    drop = np.zeros(len(points), bool)
    for row in np.intersect1d(y, list(cuts)):
        on = y == row
        drop[on] = cuts[int(row)][x[on]]
    made = [_ring(points[ring == n], drop[ring == n]) for n in range(len(lines))]
    return shapely.polygons(made[0], holes=made[1:] or None)


def _ring(points: NDArray[np.float64], drop: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - a ring
    kept = points[:-1][~drop[:-1]]
    return shapely.linearrings(np.vstack([kept, kept[:1]]))

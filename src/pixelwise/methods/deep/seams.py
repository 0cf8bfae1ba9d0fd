"""Things that overlapping windows of a picture see, joined where they are one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Instances
from pixelwise.ops.graphs.unionfind import Disjoint
from pixelwise.ops.paste import mask_overlap
from pixelwise.ops.windows import Window

__all__ = ["Seams", "Sighting", "extent", "sightings"]

SAME = 0.5
"""Two things of one class are one from this IoU on, of what both windows see of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A thing as one window sees it.

    Args:
        class_id: Its class.
        score: How sure the network is.
        crop: Its mask, in the whole picture.
        window: What was seen.
    """

    class_id: int
    score: float
    crop: Crop
    window: Window


_Known = tuple[Window, int, list[Sighting]]
"""A window, the number of its first sighting, and its sightings."""


def sightings(found: Instances, window: Window) -> list[Sighting]:
    """Return the things found in a window, in the whole picture."""
    table = found.segments
    rows = zip(table.class_id.tolist(), table.score.tolist(), found.crops, strict=True)
    return [
        Sighting(
            class_id,
            score,
            Crop((crop.origin[0] + window.top, crop.origin[1] + window.left), crop.mask),
            window,
        )
        for class_id, score, crop in rows
    ]


@dataclass
class Seams:
    """Which sightings are one thing; the windows come one after the other, in any order.

    Two are one when they are of one class and lie alike in what both windows see: their IoU there
    is SAME or more. So the answer does not depend on the order. Sightings are numbered as they
    come.

    Args:
        side: (height, width) of a window, or more.
    """

    side: tuple[int, int]
    _sets: Disjoint = field(default_factory=Disjoint)
    _near: dict[tuple[int, int], list[_Known]] = field(default_factory=dict)

    def add(self, window: Window, seen: list[Sighting]) -> None:
        """Join the sightings of a window to those of the windows before it."""
        first = self._sets.grow(len(seen))
        cell = window.top // self.side[0], window.left // self.side[1]
        for step in product((-1, 0, 1), repeat=2):
            for other, number, known in self._near.get((cell[0] + step[0], cell[1] + step[1]), ()):
                shared = window.shared_with(other)
                if shared is not None:
                    for old, new in _alike(known, seen, shared):
                        self._sets.join(number + old, first + new)
        if seen:
            self._near.setdefault(cell, []).append((window, first, seen))

    def forget(self, above: int) -> None:
        """Let go of windows that end above a row: none that come later overlap them."""
        for cell in [cell for cell in self._near if (cell[0] + 2) * self.side[0] <= above]:
            del self._near[cell]

    def things(self) -> NDArray[np.int64]:
        """Return for each sighting the first one of the same thing."""
        return self._sets.roots()


def extent(crop: Crop) -> Window:
    """Return the box of a crop.

    >>> extent(Crop((3, 4), np.ones((1, 2), bool)))
    Window(top=3, left=4, height=1, width=2)
    """
    return Window(crop.origin[0], crop.origin[1], *crop.mask.shape)


def _alike(
    first: Sequence[Sighting], second: Sequence[Sighting], shared: Window
) -> Iterator[tuple[int, int]]:
    """Yield the places in two lists of sightings that are one thing."""
    one, other = _boxes(first, shared), _boxes(second, shared)
    low = np.maximum(one[:, np.newaxis, :2], other[np.newaxis, :, :2])
    high = np.minimum(one[:, np.newaxis, 2:], other[np.newaxis, :, 2:])
    for old, new in np.argwhere((low < high).all(axis=2)).tolist():
        if first[old].class_id == second[new].class_id:
            mine, theirs = (_within(seen.crop, shared) for seen in (first[old], second[new]))
            if mine[1].any() and mask_overlap(mine, theirs) >= SAME:
                yield old, new


def _boxes(seen: Sequence[Sighting], shared: Window) -> NDArray[np.int64]:
    """Return y0, x0, y1, x1 of what lies in a window, (N, 4)."""
    rows = [(box.top, box.left, box.bottom, box.right) for box in (extent(s.crop) for s in seen)]
    boxes = np.array(rows, np.int64).reshape(-1, 4)
    boxes[:, :2] = np.maximum(boxes[:, :2], (shared.top, shared.left))
    boxes[:, 2:] = np.minimum(boxes[:, 2:], (shared.bottom, shared.right))
    return boxes


def _within(crop: Crop, seen: Window) -> tuple[tuple[int, int], NDArray[np.bool_]]:
    """Return the part of a crop that lies in a window, which it meets: origin and mask."""
    box = extent(crop)
    top, left = max(box.top, seen.top), max(box.left, seen.left)
    bottom, right = min(box.bottom, seen.bottom), min(box.right, seen.right)
    return (top, left), crop.mask[Window(top, left, bottom - top, right - left).within(box)]

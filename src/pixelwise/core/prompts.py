"""What a user points at."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixelwise.errors import InputError

__all__ = ["Prompts", "Scribble"]


@dataclass(frozen=True, slots=True, eq=False)
class Scribble:
    """A stroke of the pen.

    Args:
        points: (P, 2) float32, x y along the stroke.
        label: 0 background, 1.. an object.

    Raises:
        InputError: The label is below 0, or the points are none.
    """

    points: NDArray[np.float32]
    label: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _rows(self.points, (2, 3), "a scribble's points"))
        if self.label < 0:
            raise InputError(f"labels are 0 (background) or more, not {self.label}")


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """Points, boxes, scribbles, masks and text, for every method that takes them.

    Coordinates are x, y (and z) in pixels, as in boxes; the centre of the first pixel is (0, 0)
    for points, and boxes span edges, end outside.

    Args:
        points: (N, 2) x y, or (N, 3) x y z.
        labels: (N,) int32 of the points: 0 background, 1.. an object. None: all 1.
        boxes: (M, 4) x0 y0 x1 y1; box m speaks of object m + 1.
        scribbles: Strokes with labels.
        masks: (K, H, W) bool; mask k speaks of object k + 1.
        text: What to look for, in words.

    Raises:
        InputError: Shapes that do not fit, labels below 0, boxes without area.

    >>> Prompts(points=[(3, 4)]).labels.tolist()
    [1]
    """

    points: ArrayLike = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    labels: ArrayLike | None = None
    boxes: ArrayLike = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    scribbles: tuple[Scribble, ...] = ()
    masks: ArrayLike | None = None
    text: str = ""

    def __post_init__(self) -> None:
        points = _rows(self.points, (2, 3), "points")
        boxes = _rows(self.boxes, (4,), "boxes")
        given = np.ones(len(points)) if self.labels is None else self.labels
        labels = np.array(given, np.int32).reshape(-1)
        if len(labels) != len(points):
            raise InputError(f"{len(points)} points but {len(labels)} labels")
        if labels.size and labels.min() < 0:
            raise InputError("labels are 0 (background) or more")
        if np.any(boxes[:, 2:] <= boxes[:, :2]):
            raise InputError("a box needs x0 < x1 and y0 < y1")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "scribbles", tuple(self.scribbles))
        if self.masks is not None:
            masks = np.asarray(self.masks, bool)
            if masks.ndim not in (3, 4):
                raise InputError(f"masks must be (K, H, W), not {masks.shape}")
            object.__setattr__(self, "masks", masks)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was pointed at."""
        rows = np.size(self.points) + np.size(self.boxes) + len(self.scribbles)
        return rows == 0 and self.masks is None and not self.text

    def to_dict(self) -> dict[str, object]:
        """Return what JSON can hold: points, labels, boxes, text; masks and scribbles counted."""
        return {
            "points": np.asarray(self.points).tolist(),
            "labels": np.asarray(self.labels).tolist(),
            "boxes": np.asarray(self.boxes).tolist(),
            "scribbles": len(self.scribbles),
            "masks": 0 if self.masks is None else len(np.asarray(self.masks)),
            "text": self.text,
        }

    def markers(self, size: tuple[int, ...]) -> NDArray[np.int32]:
        """Draw masks, scribbles and points into a map, int32 of ``size``.

        -1 is unmarked, 0 background, 1.. objects; points win over scribbles over masks.

        Raises:
            InputError: A point lies outside, or a mask has another size.

        >>> Prompts(points=[(1, 0)], labels=[2]).markers((1, 3)).tolist()
        [[-1, 2, -1]]
        """
        markers = np.full(size, -1, np.int32)
        for number, mask in enumerate(() if self.masks is None else np.asarray(self.masks)):
            if mask.shape != tuple(size):
                raise InputError(f"a mask prompt has size {mask.shape}, the picture {size}")
            markers[mask] = number + 1
        for stroke in self.scribbles:
            _mark(markers, _between(stroke.points), stroke.label)
        for point, label in zip(np.asarray(self.points), np.asarray(self.labels), strict=True):
            _mark(markers, point[np.newaxis], int(label))
        return markers


def _rows(values: ArrayLike, widths: tuple[int, ...], what: str) -> NDArray[np.float32]:
    rows = np.array(values, np.float32)
    if rows.size == 0:
        return np.zeros((0, widths[0]), np.float32)
    if rows.ndim != 2 or rows.shape[1] not in widths:
        raise InputError(f"{what} must have shape (N, {widths[0]}), not {rows.shape}")
    if not np.isfinite(rows).all():
        raise InputError(f"{what} must be finite")
    rows.flags.writeable = False
    return rows


def _between(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return every pixel that the polyline passes."""
    legs = [points[:1]]
    for start, end in pairwise(points):
        steps = int(np.ceil(np.abs(end - start).max())) + 1
        legs.append(start + (end - start) * np.linspace(0, 1, steps)[:, np.newaxis])
    return np.concatenate(legs).astype(np.float32)


def _mark(markers: NDArray[np.int32], points: NDArray[np.float32], label: int) -> None:
    index = np.rint(points).astype(np.int64)[:, ::-1]  # x y z to z y x
    if index.shape[1] != markers.ndim:
        raise InputError(f"points with {index.shape[1]} numbers in a picture {markers.shape}")
    if np.any(index < 0) or np.any(index >= markers.shape):
        raise InputError(f"a point lies outside the picture {markers.shape}")
    markers[tuple(index.T)] = label

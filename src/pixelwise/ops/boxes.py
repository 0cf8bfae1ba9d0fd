"""Where each label of a map lies."""

from typing import Any

import cc3d
import fastremap
import numpy as np
from numpy.typing import NDArray

__all__ = ["boxes_of"]

Box = tuple[slice, ...]


def boxes_of(labels: NDArray[Any], ids: NDArray[Any]) -> list[Box | None]:
    """Return the tight box of each id as slices of the map, None where it does not occur.

    One pass over the map, whatever the ids are.

    Args:
        labels: (H, W) or (D, H, W) integers, 0 or more; 0 is nothing.
        ids: (N,) labels, 1 or more.

    >>> boxes_of(np.array([[0, 7], [0, 7]]), np.array([7, 9]))
    [(slice(0, 2, None), slice(1, 2, None)), None]
    """
    if labels.size == 0 or len(ids) == 0:
        return [None] * len(ids)
    dense, places = fastremap.renumber(np.ascontiguousarray(labels), preserve_zero=True)
    boxes = cc3d.statistics(dense.astype(np.uint32))["bounding_boxes"]
    flat = labels.ndim == 2
    return [_box(boxes, places.get(int(number)), flat=flat) for number in ids]


def _box(boxes: list[Box], place: int | None, *, flat: bool) -> Box | None:
    if place is None:
        return None
    box = boxes[place]
    spans = box[:2] if flat else box
    return tuple(slice(int(span.start), int(span.stop)) for span in spans)

"""What the roads and fuse share: segments measured on a label map."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Segments
from pixelwise.ops.boxes import boxes_of

__all__ = ["BACKGROUND", "crops_of", "measured", "surest"]

BACKGROUND = "background"


def measured(labels: NDArray[np.int32], segments: Segments) -> tuple[NDArray[np.int32], Segments]:
    """Return the rows that still have pixels, with boxes and areas from the map."""
    crops = crops_of(labels, segments.id)
    kept = np.array([crop is not None for crop in crops], bool)
    found = [crop for crop in crops if crop is not None]
    boxes = np.array([crop.box for crop in found], np.float32).reshape(-1, 4)
    return labels, segments[kept].with_columns(box=boxes, area=[crop.area for crop in found])


def surest(segments: Segments) -> NDArray[np.intp]:
    """Return the rows in the order in which they have a pixel: by falling score, crowds last.

    >>> table = Segments.of([1, 1, 1], score=[0.2, 1, 0.9])
    >>> surest(table.with_columns(crowd=[False, True, False])).tolist()
    [2, 0, 1]
    """
    return np.lexsort((-segments.score, segments.crowd))


def crops_of(labels: NDArray[np.int32], ids: NDArray[np.int32]) -> list[Crop | None]:
    """Return the tight crop of each id, None where it does not occur; one pass over the map."""
    crops: list[Crop | None] = []
    for number, box in zip(ids, boxes_of(labels, ids), strict=True):
        if box is None:
            crops.append(None)
        else:
            crops.append(Crop(tuple(part.start for part in box), labels[box] == number))
    return crops

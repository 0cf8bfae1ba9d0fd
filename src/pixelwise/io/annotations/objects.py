"""Every result as a list of objects, stuff included, and objects painted into a map."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import (
    Crop,
    Foreground,
    Instances,
    Legend,
    LegendClass,
    Panoptic,
    Regions,
    Result,
    Segments,
    Semantic,
)
from pixelwise.errors import InputError
from pixelwise.ops.boxes import boxes_of

__all__ = ["OBJECT", "classes_of", "instances_of", "objects_of", "paint", "segments_of"]

OBJECT = Legend((LegendClass(1, "object", (220, 20, 60), is_thing=True),))
"""The legend of formats without classes."""


def objects_of(result: Result) -> Instances:
    """Return all segments of a result, things and stuff alike, one object each.

    Args:
        result: Any result of a picture. Classes become one object each; a foreground one object
            of its class; regions objects of the class ``object``.

    Raises:
        InputError: It is none of the five results.

    >>> labels = np.array([[1, 1, 0]], np.int32)
    >>> table = Segments.of([0], id=[1])
    >>> len(objects_of(Panoptic(labels, table, Legend.of(["sky"]))))
    1
    """
    match result:
        case Instances():
            return result
        case Panoptic():
            return _cut(result.labels, result.segments, result.legend)
        case Semantic():
            present = np.array(result.present, np.int64)
            shifted = np.where(result.labels == result.legend.void, 0, result.labels + 1)
            return _cut(shifted, Segments.of(present, id=present + 1), result.legend)
        case Foreground():
            legend = OBJECT if result.legend is None else result.legend
            class_id = 1 if result.legend is None else result.legend.classes[1].id
            return _cut(result.mask.astype(np.int32), Segments.of([class_id]), legend)
        case Regions():
            ids = np.unique(result.labels[result.labels > 0])
            return _cut(result.labels, Segments.of(np.ones(len(ids)), id=ids), OBJECT)
        case _:
            raise InputError(f"there are no objects in {type(result).__name__}")


def instances_of(
    table: Segments, crops: list[Crop], size: tuple[int, int], legend: Legend
) -> Instances:
    """Return objects with boxes and areas measured on their masks."""
    boxes = np.array([crop.box for crop in crops], np.float32).reshape(-1, 4)
    areas = np.array([crop.area for crop in crops], np.int64)
    return Instances(table.with_columns(box=boxes, area=areas), tuple(crops), size, legend)


def paint(objects: Instances, values: NDArray[np.int32], empty: int) -> NDArray[np.int32]:
    """Return a map (H, W) int32: the value of each object where it is, the first row on top."""
    labels = np.full(objects.size, empty, np.int32)
    for row in range(len(objects) - 1, -1, -1):
        crop = objects.crops[row]
        labels[crop.window][crop.mask] = values[row]
    return labels


def segments_of(objects: Instances) -> Panoptic:
    """Return objects that do not overlap as panoptic segments with their ids."""
    labels = paint(objects, objects.segments.id, 0)
    return Panoptic(labels, objects.segments, objects.legend)


def classes_of(objects: Instances, empty: int) -> NDArray[np.int32]:
    """Return the class of each pixel, ``empty`` where no object is."""
    return paint(objects, objects.segments.class_id, empty)


def _cut(labels: NDArray[np.int32], segments: Segments, legend: Legend) -> Instances:
    crops: list[Crop] = []
    kept = np.zeros(len(segments), bool)
    for row, box in enumerate(boxes_of(labels, segments.id)):
        if box is not None:
            kept[row] = True
            mask = labels[box] == segments.id[row]
            crops.append(Crop(tuple(part.start for part in box), mask))
    size = (labels.shape[0], labels.shape[1])
    return instances_of(segments[kept], crops, size, legend)

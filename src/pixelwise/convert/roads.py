"""The lawful roads between the types of segmentation.

Rules, the same everywhere: where things overlap, the higher score wins, and of equal scores the
earlier row; a crowd, which nobody told apart, lies under the single things and stays marked as one.
Void stays void. A class called ``background`` is not a thing, and is never part of
a foreground. Plain regions have no names, so they become instances or segments of one class
called ``region``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.convert.tables import BACKGROUND, crops_of, measured, surest
from pixelwise.core import (
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
from pixelwise.ops.components import components

__all__ = ["to_foreground", "to_instances", "to_panoptic", "to_semantic"]

MOST_IDS = 1 << 24
"""Ids beyond those of three bytes, as COCO's panoptic files have, are numbered anew."""
REGION = Legend((LegendClass(1, "region", (64, 160, 255), is_thing=True),))
THING = Legend(
    (LegendClass(0, BACKGROUND, (0, 0, 0)), LegendClass(1, "foreground", (220, 20, 60), True))  # noqa: FBT003
)


def to_foreground(result: Result, classes: Sequence[str] = ()) -> Foreground:
    """Return the wanted things against the rest.

    Args:
        result: Any result.
        classes: Names of the wanted classes. Empty: all but the background (semantic), all
            things (instances, panoptic), all that is not void (regions).

    Raises:
        UnknownName: A class is not in the legend.

    >>> to_foreground(Regions(np.int32([[0, 1, 2]]))).mask.tolist()
    [[False, True, True]]
    """
    match result:
        case Foreground():
            return result
        case Semantic():
            mask = _of_classes(result.labels, result.legend, _wanted(result.legend, classes))
        case Instances():
            mask = _union(result, _wanted(result.legend, classes))
        case Panoptic():
            ids = _wanted(result.legend, classes, only_things=not classes)
            kept = result.segments.id[np.isin(result.segments.class_id, ids)]
            mask = _lookup(result.labels, kept, np.ones(len(kept), np.int32), 0) > 0
        case Regions():
            mask = result.labels > 0
        case _:
            raise _no_road(result, "a foreground")
    return Foreground(mask, space=result.space, provenance=result.provenance)


def to_semantic(result: Result) -> Semantic:
    """Return a class for every pixel; what nobody claims is background if there is one, else void.

    Where things overlap, the one with the higher score has the pixel.

    Args:
        result: Any result with names.

    Raises:
        InputError: Regions have no names.

    >>> to_semantic(Foreground(np.array([[False, True]]))).labels.tolist()
    [[0, 1]]
    """
    match result:
        case Semantic():
            return result
        case Foreground():
            legend = _two_classes(result.legend)
            labels = np.where(result.mask, legend.classes[1].id, legend.classes[0].id)
        case Instances():
            legend = result.legend
            owner = _paint(result, surest(result.segments))
            labels = _lookup(owner, np.arange(1, len(result) + 1), result.segments.class_id, -1)
            labels[labels < 0] = _unclaimed(legend)
        case Panoptic():
            legend = result.legend
            segments = result.segments
            labels = _lookup(result.labels, segments.id, segments.class_id, legend.void)
        case _:
            raise _no_road(result, "classes")
    return Semantic(labels, legend, space=result.space, provenance=result.provenance)


def to_instances(result: Result) -> Instances:
    """Return the things one by one; classes without instances are cut into connected parts.

    Semantic: the parts of the thing classes, or of every class but the background when the
    legend knows no things. Foreground: its parts. Regions: each region.

    Args:
        result: Any result.

    >>> len(to_instances(Foreground(np.array([[True, False, True]]))))
    2
    """
    match result:
        case Instances():
            return result
        case Panoptic():
            segments = result.segments[
                np.isin(result.segments.class_id, list(result.legend.things))
            ]
            return _cut(result.labels, segments, result.legend, result)
        case Semantic():
            labels, segments = _parts(result.labels, _countable(result.legend))
            return _cut(labels, segments, result.legend, result)
        case Foreground():
            legend = _two_classes(result.legend)
            labels, count = components(result.mask)
            segments = Segments.of(np.full(count, legend.classes[1].id))
            return _cut(labels, segments, legend, result)
        case Regions():
            ids = np.unique(result.labels[result.labels > 0])
            segments = Segments.of(np.ones(len(ids)), id=ids)
            return _cut(result.labels, segments, REGION, result)
        case _:
            raise _no_road(result, "instances")


def to_panoptic(result: Result) -> Panoptic:
    """Return one segment for every pixel: things one by one, stuff one segment a class.

    Instances and foreground have no stuff: what they do not claim is void.

    Args:
        result: Any result.

    >>> to_panoptic(Foreground(np.array([[True, False, True]]))).labels.tolist()
    [[1, 0, 2]]
    """
    match result:
        case Panoptic():
            return result
        case Semantic():
            labels, table = _semantic_segments(result)
        case Instances():
            owner = _paint(result, surest(result.segments))
            labels, table = measured(
                owner, result.segments.with_columns(id=np.arange(1, len(result) + 1))
            )
            return Panoptic(labels, table, result.legend, result.space, result.provenance)
        case Foreground() | Regions():
            return to_panoptic(to_instances(result))
        case _:
            raise _no_road(result, "panoptic segments")
    return Panoptic(labels, table, result.legend, result.space, result.provenance)


def _wanted(legend: Legend, names: Sequence[str], *, only_things: bool = False) -> list[int]:
    if names:
        return [legend.id_of(name) for name in names]
    rows = [row for row in legend if row.name != BACKGROUND]
    return [row.id for row in rows if row.is_thing or not only_things]


def _countable(legend: Legend) -> list[int]:
    return sorted(legend.things) or _wanted(legend, ())


def _of_classes(labels: NDArray[np.int32], legend: Legend, ids: list[int]) -> NDArray[np.bool_]:
    table = np.zeros(max(legend.void, *legend.ids.tolist(), 0) + 1, bool)
    table[ids] = True
    return table[labels]


def _union(result: Instances, ids: list[int]) -> NDArray[np.bool_]:
    mask = np.zeros(result.size, bool)
    for crop, class_id in zip(result.crops, result.segments.class_id, strict=True):
        if class_id in ids:
            mask[crop.window] |= crop.mask
    return mask


def _paint(result: Instances, order: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return row + 1 of the first thing in ``order`` that claims each pixel, 0 where none does."""
    owner = np.zeros(result.size, np.int32)
    for row in order[::-1]:
        crop = result.crops[row]
        owner[crop.window][crop.mask] = row + 1
    return owner


def _lookup(
    labels: NDArray[np.int32], keys: NDArray[Any], values: NDArray[Any], rest: int
) -> NDArray[np.int32]:
    """Return ``values`` where labels equal ``keys``, else ``rest``."""
    most = int(max(labels.max(initial=0), np.max(keys, initial=0)))
    if most > MOST_IDS:
        found, numbers = np.unique(labels, return_inverse=True)
        places = np.searchsorted(found, keys)
        seen = found.take(places, mode="clip") == keys
        return _lookup(numbers.astype(np.int32), places[seen], np.asarray(values)[seen], rest)
    table = np.full(most + 1, rest, np.int32)
    table[keys] = values
    return table[labels]


def _unclaimed(legend: Legend) -> int:
    names = {row.name: row.id for row in legend}
    return names.get(BACKGROUND, legend.void)


def _two_classes(legend: Legend | None) -> Legend:
    return legend if legend is not None and len(legend) == 2 else THING


def _parts(labels: NDArray[np.int32], ids: list[int]) -> tuple[NDArray[np.int32], Segments]:
    """Return the connected parts of the classes ``ids`` as 1.., and their rows."""
    parts = np.zeros(labels.shape, np.int32)
    classes: list[int] = []
    present = set(np.unique(labels).tolist())
    for class_id in (number for number in ids if number in present):
        found, count = components(labels == class_id)
        parts[found > 0] = found[found > 0] + len(classes)
        classes += [class_id] * count
    return parts, Segments.of(classes)


def _semantic_segments(result: Semantic) -> tuple[NDArray[np.int32], Segments]:
    things = [number for number in result.legend.things if number in result.present]
    labels, table = _parts(result.labels, sorted(things))
    classes = table.class_id.tolist()
    for class_id in result.present:
        if class_id not in things and result.legend.name(class_id) != BACKGROUND:
            classes.append(class_id)
            labels[result.labels == class_id] = len(classes)
    return measured(labels, Segments.of(classes))


def _cut(
    labels: NDArray[np.int32], segments: Segments, legend: Legend, source: Result
) -> Instances:
    _, table = measured(labels, segments)
    crops = [crop for crop in crops_of(labels, table.id) if crop is not None]
    size = labels.shape
    return Instances(table, tuple(crops), size, legend, source.space, source.provenance)


def _no_road(result: Result, target: str) -> InputError:
    kind = type(result).__name__
    return InputError(f"there is no road from {kind} to {target}: it has no class names")

"""What lies under a point, in a box, or is called so: picked from what a network finds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.convert import to_instances, to_semantic
from pixelwise.core import (
    Crop,
    Image,
    Instances,
    Legend,
    LegendClass,
    Panoptic,
    Prompts,
    Result,
    Segmenter,
    Segments,
    Semantic,
)
from pixelwise.errors import InputError, UnknownName
from pixelwise.methods.deep.questions import objects_of, points_of
from pixelwise.ops.components import components
from pixelwise.ops.overlap import box_overlaps

__all__ = ["Pointed"]

LEAST = 0.1
"""Least intersection over union of a box prompt and the mask that it means."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """One thing, or one part of a class, with where it came from."""

    crop: Crop
    kind: LegendClass
    score: float
    model: str


@dataclass(frozen=True, kw_only=True)
class Pointed:
    """Picks what is pointed at out of what other segmenters find.

    A point means the surest thing that covers it and no background point; a box the thing whose
    mask fits it best; a text every thing of that class. Where no thing lies under a point, the
    connected part of the class there is meant, if there is a segmenter for it.

    Args:
        things: Finds things (or anything that can become things).
        prompts: What is pointed at.
        stuff: Gives every pixel a class, for points that no thing covers; None: none.
    """

    things: Segmenter
    prompts: Prompts
    stuff: Segmenter | None = None

    def __call__(self, image: Image) -> Instances:
        """Return one instance for each object that was pointed at, or that bears the name.

        Raises:
            InputError: A point lies outside the picture, or scribbles or masks were given.
            UnknownName: No class is called as the text says.
        """
        if self.prompts.masks is not None:
            raise InputError(
                "a mask prompt needs a network that takes it (SAM), or --method grabcut"
            )
        seen = self.things(image)
        if self.prompts.text:
            chosen = self._described(seen, image)
        else:
            chosen = [
                one
                for number in objects_of(self.prompts)
                for one in self._object(number, seen, image)
            ]
        found = _instances(chosen, seen, image)
        settings = {**found.provenance.settings, "prompts": self.prompts.to_dict()}
        return found.made_by(replace(found.provenance, settings=settings), found.space)

    def _described(self, seen: Result, image: Image) -> list[_Found]:
        """Return all that bears the name: every thing, or all of what is no thing."""
        wanted, looked = " ".join(self.prompts.text.lower().split()), [_named(seen)]
        chosen = _called(looked[0], wanted)
        if not chosen and self.stuff is not None:
            looked.append(_named(self.stuff(image)))
            chosen = _called(looked[1], wanted)
        names = dict.fromkeys(row.name for result in looked for row in result.legend)
        if wanted not in {name.lower() for name in names}:
            error = UnknownName.among("class", self.prompts.text, names)
            shown = " and ".join(f"pixelwise models show {one.provenance.model}" for one in looked)
            raise UnknownName(f"{error} See {shown} for all classes.")
        return chosen

    def _object(self, number: int, seen: Result, image: Image) -> list[_Found]:
        """Return what one object is; nothing where nothing lies there."""
        points, labels = points_of(self.prompts, number, (image.height, image.width))
        inside, outside = points[labels == 1], points[labels == 0]
        boxes = np.asarray(self.prompts.boxes, np.float32)
        box = boxes[number - 1] if number <= len(boxes) else None
        if box is None and not len(inside):
            return []
        found = [] if isinstance(seen, Semantic) else _all(to_instances(seen))
        fitting = [one for one in found if _fits(one.crop, inside, outside, box)]
        if fitting:
            return [max(fitting, key=lambda one: _rank(one, box))]
        if not len(inside):
            return []
        part = _part(seen, inside)
        if part is None and self.stuff is not None:
            part = _part(self.stuff(image), inside)
        return [part] if part is not None and _fits(part.crop, inside, outside, box) else []


def _all(found: Instances) -> list[_Found]:
    rows = zip(found.crops, found.segments.class_id, found.segments.score, strict=True)
    return [
        _Found(crop, found.legend[int(kind)], float(score), found.provenance.model)
        for crop, kind, score in rows
    ]


def _named(result: Result) -> Semantic | Panoptic | Instances:
    return result if isinstance(result, Semantic | Panoptic) else to_instances(result)


def _called(found: Semantic | Panoptic | Instances, name: str) -> list[_Found]:
    """Return the things of the class that is called so, or all of it where it is no thing."""
    row = next((row for row in found.legend if row.name.lower() == name), None)
    if row is None:
        return []
    if row.is_thing or isinstance(found, Instances):
        return [one for one in _all(to_instances(found)) if one.kind.name == row.name]
    mask = to_semantic(found).labels == row.id
    return [_Found(Crop.of(mask), row, 1.0, found.provenance.model)] if mask.any() else []


def _fits(crop: Crop, inside: Any, outside: Any, box: NDArray[np.float32] | None) -> bool:  # noqa: ANN401
    """Say whether a mask covers a point that is meant, none that is not, and fits the box."""
    near = box is None or _shared(box, crop) >= LEAST
    meant = not len(inside) or any(_covers(crop, point) for point in inside)
    return near and meant and not any(_covers(crop, point) for point in outside)


def _rank(one: _Found, box: NDArray[np.float32] | None) -> float:
    return one.score * (1.0 if box is None else _shared(box, one.crop))


def _shared(box: NDArray[np.float32], crop: Crop) -> float:
    return float(box_overlaps(box[np.newaxis], np.array([crop.box], np.float32))[0, 0])


def _covers(crop: Crop, point: NDArray[np.float32]) -> bool:
    x, y = np.rint(point).astype(int) - crop.origin[::-1]
    height, width = crop.mask.shape
    return 0 <= y < height and 0 <= x < width and bool(crop.mask[y, x])


def _part(seen: Result, points: NDArray[np.float32]) -> _Found | None:
    """Return the connected part of the class under the first point; None where none is claimed."""
    if not isinstance(seen, Semantic | Panoptic):
        return None
    x, y = np.rint(points[0]).astype(int)
    label = class_id = int(seen.labels[y, x])
    if isinstance(seen, Panoptic):
        rows = np.flatnonzero(seen.segments.id == label)
        class_id = int(seen.segments.class_id[rows[0]]) if rows.size else seen.legend.void
    if class_id == seen.legend.void:
        return None
    parts, _ = components(seen.labels == label)
    return _Found(Crop.of(parts == parts[y, x]), seen.legend[class_id], 1.0, seen.provenance.model)


def _instances(chosen: Sequence[_Found], seen: Result, image: Image) -> Instances:
    """Return what was chosen as instances of a legend of their own, with a note on each."""
    kinds = {one.kind.name: one.kind for one in chosen}
    rows = [replace(kind, id=number) for number, kind in enumerate(kinds.values(), 1)]
    legend = Legend((LegendClass(0, "background", (0, 0, 0)), *rows)) if rows else _nothing()
    places = {row.name: row.id for row in rows}
    table = Segments.of(
        [places[one.kind.name] for one in chosen],
        score=[one.score for one in chosen],
        box=np.array([one.crop.box for one in chosen], np.float32).reshape(-1, 4),
        area=[one.crop.area for one in chosen],
    )
    said = [f"{one.kind.name}, score {one.score:.2f}, of {one.model}" for one in chosen]
    note = "; ".join(said) if said else "nothing that the models know lies there"
    made = replace(seen.provenance, notes=(*seen.provenance.notes, f"taken: {note}"))
    crops = tuple(one.crop for one in chosen)
    return Instances(table, crops, (image.height, image.width), legend, image.space, made)


def _nothing() -> Legend:
    return Legend.of(["background", "object"], things=["object"])

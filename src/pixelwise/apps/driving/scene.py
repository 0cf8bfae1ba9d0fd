"""One segmenter of a street: stuff, things, and the ground by what may be driven."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pixelwise.catalog import Access
from pixelwise.catalog.finding import find_with
from pixelwise.convert import Fusion, fuse
from pixelwise.core import (
    Crop,
    Image,
    Instances,
    Legend,
    LegendClass,
    Panoptic,
    Provenance,
    Segmenter,
    Segments,
    Semantic,
    build,
    check_ranges,
    setting,
)
from pixelwise.errors import UnknownName
from pixelwise.ops.components import components

__all__ = ["DRIVING", "Driving", "DrivingSettings", "driving"]

CLASSES = "deeplab-slim-cityscapes"
THINGS = "yolov8n-seg-320"
WAYS: Mapping[str, Mapping[str, str]] = {
    "twinlitenet": {"drivable area": "drivable area", "lane line": "lane marking"},
    "road-adas": {"road": "drivable area", "mark": "lane marking", "curb": "sidewalk"},
    "none": {},
}
"""Network for the ground -> what its classes become; others stay what they are."""
COUNTED = ("traffic light", "traffic sign")
"""Classes that Cityscapes counts as stuff, and that are things here."""
NAMES = {"stop sign": "traffic sign"}
"""COCO's name -> ours, where they differ."""
LEAST, LEAST_SMALL = 0.002, 0.0002
"""Share of the picture that a thing fills, at least, of which only the classes tell; lights and
signs are small."""


def _legend() -> Legend:
    rows = [
        replace(row, is_thing=row.is_thing or row.name in COUNTED)
        for row in Legend.official("cityscapes-19")
    ]
    rows += [
        LegendClass(19, "drivable area", (60, 200, 110)),
        LegendClass(20, "lane marking", (255, 255, 255)),
    ]
    return Legend(tuple(rows), title="driving-21")


DRIVING = _legend()
"""Cityscapes' 19 train ids, and 19 and 20 for the parts of the road that may be driven."""
GROUND = tuple(DRIVING.id_of(name) for name in ("road", "sidewalk", "terrain"))
RULES = Fusion(min_visible=0.5, min_stuff_area=1, on_top=0.5)


@dataclass(frozen=True, kw_only=True)
class DrivingSettings:
    """Settings of the scene."""

    classes: str = setting(CLASSES, "Network for the classes of Cityscapes.")
    things: str = setting(THINGS, "Network for people and vehicles.")
    ways: str = setting("twinlitenet", f"Network for the way ahead: {', '.join(WAYS)}.")
    threads: int | None = setting(None, "Threads of each network.", low=1)
    threshold: float = setting(0.25, "Least score of a thing.", low=0, high=1)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class Driving:
    """Stuff and things of a street, fused; the part of the road that may be driven is told apart.

    Where the classes speak of a thing that the network for things did not find, each connected
    part of them is a thing of its own, of a low score.

    Args:
        classes: Gives the classes of Cityscapes.
        things: Gives people, vehicles, lights and signs by COCO's names.
        ways: Gives the way ahead; None: the road stays one class.
        meant: What the classes of ``ways`` become.
        threshold: Least score of a thing.
    """

    classes: Segmenter
    things: Segmenter
    ways: Segmenter | None
    meant: Mapping[str, str]
    threshold: float = 0.25

    def warm(self) -> None:
        """Make ready for many pictures."""
        for part in (self.classes, self.things, self.ways):
            warm = getattr(part, "warm", None)
            if warm is not None:
                warm()

    def __call__(self, image: Image) -> Panoptic:
        """Segment ``image``."""
        stuff = self.semantic(image)
        found = cast("Instances", self.things(image))
        things = _joined(_renamed(found), _left_over(stuff, self.threshold))
        made = fuse(stuff, things, replace(RULES, min_score=self.threshold), legend=DRIVING)
        parts = [part for part in (stuff, found) if part.provenance.model]
        names = "+".join(part.provenance.model for part in parts)
        seconds = {
            f"{part.provenance.model}.{stage}": spent
            for part in parts
            for stage, spent in part.provenance.seconds.items()
        }
        provenance = Provenance(method="driving", model=names, seconds=seconds, notes=image.notes)
        return made.made_by(provenance, image.space)

    def semantic(self, image: Image) -> Semantic:
        """Return the classes of :data:`DRIVING`, every pixel one."""
        found = cast("Semantic", self.classes(image))
        if self.ways is None:
            return Semantic(found.labels, DRIVING, space=image.space, provenance=found.provenance)
        ways = cast("Semantic", self.ways(image))
        labels = found.labels.copy()
        ground = np.isin(labels, GROUND)
        for old, new in self.meant.items():
            labels[ground & (ways.labels == ways.legend.id_of(old))] = DRIVING.id_of(new)
        model = f"{found.provenance.model}+{ways.provenance.model}"
        provenance = replace(found.provenance, model=model)
        return Semantic(labels, DRIVING, space=image.space, provenance=provenance)


def driving(settings: Mapping[str, object], access: Access) -> Driving:
    """Return the scene with its networks loaded.

    Args:
        settings: Those of :class:`DrivingSettings`.
        access: How model files may be got.

    Raises:
        UnknownName: There is no such network for the way ahead.
        ModelError: A model file cannot be got.
    """
    asked = build(DrivingSettings, settings)
    if asked.ways not in WAYS:
        raise UnknownName.among("network for the way ahead", asked.ways, WAYS)
    loading = {} if asked.threads is None else {"threads": asked.threads}
    ways = None if asked.ways == "none" else find_with(asked.ways, loading, access)
    return Driving(
        find_with(asked.classes, loading, access),
        find_with(asked.things, {**loading, "threshold": asked.threshold}, access),
        ways,
        WAYS[asked.ways],
        asked.threshold,
    )


def _renamed(found: Instances) -> Instances:
    """Return the things that a street has, with their class in :data:`DRIVING`."""
    ours = {row.name: row.id for row in DRIVING if row.is_thing}
    names = [NAMES.get(row.name, row.name) for row in found.legend]
    place = {row.id: ours.get(name, -1) for row, name in zip(found.legend, names, strict=True)}
    classes = np.array([place[label] for label in found.segments.class_id.tolist()], np.int32)
    kept = found[classes >= 0]
    table = kept.segments.with_columns(class_id=classes[classes >= 0])
    return Instances(table, kept.crops, found.size, DRIVING, found.space)


def _left_over(stuff: Semantic, score: float) -> Instances:
    """Return each connected part of the classes of things, all of one score."""
    crops, kinds = [], []
    for label in sorted(set(stuff.present) & DRIVING.things):
        share = LEAST_SMALL if DRIVING.name(label) in COUNTED else LEAST
        least = max(1.0, share * stuff.labels.size)
        parts, count = components(stuff.labels == label)
        for number in np.flatnonzero(np.bincount(parts.reshape(-1), minlength=count + 1) >= least):
            if number:
                crops.append(Crop.of(parts == number))
                kinds.append(label)
    table = Segments.of(
        kinds,
        score=np.full(len(kinds), score, np.float32),
        box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
        area=[crop.area for crop in crops],
    )
    return Instances(table, tuple(crops), cast("tuple[int, int]", stuff.size), DRIVING)


def _joined(first: Instances, second: Instances) -> Instances:
    """Return the things of both, those of the first before those of the second."""
    columns: dict[str, NDArray[np.generic]] = {
        name: np.concatenate([getattr(first.segments, name), getattr(second.segments, name)])
        for name in ("class_id", "score", "box", "area")
    }
    kinds = columns.pop("class_id")
    table = Segments.of(kinds, **columns)
    return Instances(table, (*first.crops, *second.crops), first.size, DRIVING, first.space)

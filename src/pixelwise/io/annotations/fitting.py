"""Samples made to fit a format: what it cannot hold is named, and what it gets it holds exactly."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Foreground, Instances, Legend, Panoptic, Semantic
from pixelwise.io.annotations.classes import is_background, matches, without_background
from pixelwise.io.annotations.dataset import Sample, void_pixels
from pixelwise.io.annotations.losses import Capacity, Identity, Loss, Lost
from pixelwise.io.annotations.objects import OBJECT, instances_of, objects_of
from pixelwise.io.annotations.outline import Outline, joined

__all__ = ["Fit"]


class Fit:
    """Brings samples of one legend into the form that one format holds without loss.

    Args:
        source: Legend of the samples.
        capacity: What the format can hold.
        target: The legend to write; None: that of the format, or the samples' own.
    """

    def __init__(self, source: Legend, capacity: Capacity, target: Legend | None = None) -> None:
        self.capacity = capacity
        self.legend = target or _target(source, capacity)
        self._source = source
        self._ids = matches(source, self.legend) if capacity.classes else _all_one(source)

    def __call__(self, sample: Sample) -> tuple[Sample, list[Lost]]:
        """Return the sample as instances of the format's legend, and what it lost.

        Overlaps are settled as everywhere: things before stuff, then the higher score, then the
        earlier row.
        """
        held = _held(sample)
        work = _Work(sample.name, held, self.legend)
        _drop_background(work, held, self.capacity)
        work.note_alpha(sample)
        work.drop_empty()
        work.rename(held.objects.legend, self._ids, self.capacity)
        if not self.capacity.overlaps:
            work.settle()
        if self.capacity.boxes:
            work.square()
        work.merge(self.capacity.identity)
        work.cut_off(self.capacity)
        work.note_flags(self.capacity)
        work.note_outlines(self.capacity)
        made = work.sample(held)
        if sample_has_void(held, self.capacity) and (count := void_pixels(held)):
            text = f"{count} unknown pixels count as background"
            work.lost.append(Lost(sample.name, 0, "", Loss.VOID, text))
        return made, work.lost


@dataclass(slots=True)
class _Thing:
    """One object on its way."""

    row: int
    id: int
    class_id: int
    name: str
    crop: Crop
    outline: Outline | None
    score: float
    track: int
    crowd: bool


class _Work:
    """The objects of one picture while they are made to fit."""

    def __init__(self, name: str, held: Sample, legend: Legend) -> None:
        objects = held.objects
        outlines = held.outlines or (None,) * len(objects)
        names = {row.id: row.name for row in objects.legend}
        self.name, self.legend, self.lost = name, legend, list[Lost]()
        self.things = [
            _Thing(
                number,
                row.id,
                row.class_id,
                names[row.class_id],
                crop,
                outline,
                row.score,
                row.track_id,
                bool(crowd),
            )
            for number, (row, crop, outline, crowd) in enumerate(
                zip(objects.segments, objects.crops, outlines, objects.segments.crowd, strict=True)
            )
        ]

    def lose(self, thing: _Thing, what: Loss, detail: str) -> None:
        self.lost.append(Lost(self.name, thing.id, thing.name, what, detail))

    def note_alpha(self, sample: Sample) -> None:
        """Name the soft edge of a foreground."""
        if isinstance(sample.result, Foreground) and sample.result.plane is not None:
            for thing in self.things:
                self.lose(thing, Loss.ALPHA, "the soft edge became a hard one")

    def drop_empty(self) -> None:
        """Drop objects without a pixel."""
        for thing in self.things:
            if not thing.crop.area:
                self.lose(thing, Loss.EMPTY, "it has no pixel, so it is left out")
        self.things = [thing for thing in self.things if thing.crop.area]

    def rename(self, source: Legend, ids: dict[int, int], capacity: Capacity) -> None:
        """Give the objects the class ids of the format."""
        several = len(without_background(source)) > 1
        for thing in self.things:
            if not capacity.classes and several:
                self.lose(thing, Loss.CLASS, "the format has no classes")
            elif thing.class_id not in ids:
                kind = "the format" if capacity.legend else "the target"
                self.lose(thing, Loss.CLASS, f"{kind} has no such class; the object is left out")
        self.things = [thing for thing in self.things if thing.class_id in ids]
        for thing in self.things:
            thing.class_id = ids[thing.class_id]

    def settle(self) -> None:
        """Give each pixel to one object."""
        if not self.things:
            return
        above = self.legend.things
        order = sorted(
            self.things,
            key=lambda thing: (thing.class_id not in above, thing.crowd, -thing.score, thing.row),
        )
        ends = np.array([thing.crop.box[2:] for thing in order]).max(axis=0)
        taken = np.zeros((int(ends[1]), int(ends[0])), bool)
        for thing in order:
            window = thing.crop.window
            free = thing.crop.mask & ~taken[window]
            hidden = thing.crop.area - int(np.count_nonzero(free))
            taken[window] |= thing.crop.mask
            if hidden:
                gone = (
                    f"{hidden} of its pixels went"
                    if free.any()
                    else "left out: all its pixels went"
                )
                self.lose(thing, Loss.OVERLAP, f"{gone} to objects that lie over it")
                thing.crop, thing.outline = _tight(thing.crop, free), None
        self.things = [thing for thing in self.things if thing.crop.area]

    def square(self) -> None:
        """Give each object its box for a mask."""
        for thing in self.things:
            missing = thing.crop.mask.size - thing.crop.area
            if missing:
                self.lose(thing, Loss.SHAPE, f"its box stands for the mask, {missing} pixels more")
                thing.crop = Crop(thing.crop.origin, np.ones(thing.crop.mask.shape, bool))
                thing.outline = None

    def merge(self, identity: Identity) -> None:
        """Join the objects that the format does not tell apart."""
        if identity is Identity.ALL:
            return
        things = self.legend.things if identity is Identity.THINGS else frozenset[int]()
        groups: dict[tuple[int, int], list[_Thing]] = {}
        for thing in self.things:
            own = thing.class_id in things and not thing.crowd
            groups.setdefault((thing.class_id, thing.row if own else -1), []).append(thing)
        for group in groups.values():
            if len(group) > 1:
                for thing in group:
                    self.lose(thing, Loss.INSTANCE, f"one segment with {len(group) - 1} others")
                group[0].crop = joined([thing.crop for thing in group])
                group[0].outline = None
        self.things = [group[0] for group in groups.values()]

    def cut_off(self, capacity: Capacity) -> None:
        """Drop what is over the number of objects that the format can count."""
        seen: Counter[int] = Counter()
        kept: list[_Thing] = []
        for thing in self.things:
            seen[thing.class_id] += 1
            over_all = capacity.most and len(kept) >= capacity.most
            of_class = capacity.most_of_class and thing.class_id in self.legend.things
            if over_all or (of_class and seen[thing.class_id] > capacity.most_of_class):
                most = capacity.most if over_all else capacity.most_of_class
                self.lose(thing, Loss.NUMBER, f"the format counts to {most}; it is left out")
            else:
                kept.append(thing)
        self.things = kept

    def note_flags(self, capacity: Capacity) -> None:
        """Drop crowd, track and score where the format has no place for them."""
        for thing in self.things:
            if thing.crowd and not capacity.crowd:
                self.lose(thing, Loss.CROWD, "a group is written as one ordinary object")
                thing.crowd = False
            if thing.track >= 0 and not capacity.track:
                self.lose(thing, Loss.TRACK, f"track {thing.track} is not kept")
                thing.track = -1
            if thing.score < 1 and not capacity.score:
                self.lose(thing, Loss.SCORE, f"score {thing.score:.3f} is not kept")
                thing.score = 1.0

    def note_outlines(self, capacity: Capacity) -> None:
        """Drop drawn outlines where the format has no place, and make those it needs."""
        for thing in self.things:
            drawn = thing.outline
            if drawn is not None and (
                not capacity.outlines
                or (drawn.holes and not capacity.outline_holes)
                or (len(drawn.pieces) > 1 and not capacity.outline_pieces)
            ):
                if not drawn.is_on_pixels:
                    text = f"the drawn outline of {drawn.points} points became pixels"
                    self.lose(thing, Loss.SUB_PIXEL, text)
                thing.outline = None
            if capacity.bridges:
                self._note_bridges(thing)

    def _note_bridges(self, thing: _Thing) -> None:
        outline = thing.outline or Outline.of_mask(thing.crop.mask, thing.crop.origin)
        thing.outline = outline
        how = "joined by bridges of no width; tools that draw outlines show them as lines"
        if outline.holes:
            self.lose(thing, Loss.HOLES, f"{outline.holes} holes are {how}")
        if len(outline.pieces) > 1:
            self.lose(thing, Loss.PIECES, f"{len(outline.pieces)} pieces are {how}")

    def sample(self, held: Sample) -> Sample:
        """Return what is left."""
        ids = np.array([thing.id for thing in self.things], np.int32)
        table = held.objects.segments[_rows(self.things)].with_columns(
            id=ids,
            class_id=np.array([thing.class_id for thing in self.things], np.int32),
            track_id=np.array([thing.track for thing in self.things], np.int32),
            score=np.array([thing.score for thing in self.things], np.float32),
            crowd=np.array([thing.crowd for thing in self.things], np.bool_),
        )
        crops = [thing.crop for thing in self.things]
        result = instances_of(table, crops, held.size, self.legend)
        return replace(held, result=result, outlines=tuple(thing.outline for thing in self.things))


def sample_has_void(held: Sample, capacity: Capacity) -> bool:
    """Whether unknown pixels of the sample would pass for background."""
    return held.unclaimed_is_void and not capacity.void


def _held(sample: Sample) -> Sample:
    """Return any sample as instances, stuff included."""
    if isinstance(sample.result, Instances):
        return sample
    mapped = isinstance(sample.result, Panoptic | Semantic)
    return replace(sample, result=objects_of(sample.result), outlines=(), unclaimed_is_void=mapped)


def _drop_background(work: _Work, held: Sample, capacity: Capacity) -> None:
    if capacity.background:
        return
    nothing = {row.id for row in held.objects.legend if is_background(row)}
    work.things = [thing for thing in work.things if thing.class_id not in nothing]


def _target(source: Legend, capacity: Capacity) -> Legend:
    if not capacity.classes:
        return OBJECT
    if capacity.legend is not None:
        return capacity.legend
    return source if capacity.background else without_background(source)


def _all_one(source: Legend) -> dict[int, int]:
    return {row.id: 1 for row in without_background(source)}


def _rows(things: list[_Thing]) -> NDArray[np.int64]:
    return np.array([thing.row for thing in things], np.int64)


def _tight(crop: Crop, mask: NDArray[np.bool_]) -> Crop:
    inner = Crop.of(mask)
    return Crop((crop.origin[0] + inner.origin[0], crop.origin[1] + inner.origin[1]), inner.mask)

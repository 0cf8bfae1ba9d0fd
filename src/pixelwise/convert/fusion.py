"""A semantic and an instance answer fused to a panoptic one.

Source:
    Kirillov et al., "Panoptic Segmentation", CVPR 2019, section 5 (heuristic combination). The
    rules beyond it (small things on top of large ones, less sure things where the classes agree,
    no specks of stuff) are off by default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pixelwise.convert.tables import BACKGROUND, measured, surest
from pixelwise.core import (
    Crop,
    Instances,
    Legend,
    Panoptic,
    Provenance,
    Segments,
    Semantic,
    check_ranges,
    setting,
)
from pixelwise.errors import InputError
from pixelwise.ops.components import components

__all__ = ["Fusion", "Names", "fuse"]

Names = Mapping[str, tuple[str, ...]]
"""Semantic class -> the classes of the answer that it may mean."""


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """The rules of :func:`fuse`."""

    min_score: float = setting(0.5, "Things below this score are dropped.", low=0, high=1)
    min_visible: float = setting(
        0.5, "A thing of which less than this share is still free is dropped.", low=0, high=1
    )
    min_stuff_area: int = setting(
        4096, "Stuff of a class that fills fewer pixels becomes void.", low=0
    )
    min_stuff_part: int = setting(0, "A part of stuff with fewer pixels becomes void.", low=0)
    on_top: float = setting(
        0.0,
        "A thing with less than this share of the area of another class's thing lies on top of it.",
        low=0,
        high=1,
    )
    agreed_score: float = setting(
        1.0, "Things from this score on are kept where the classes agree.", low=0, high=1
    )
    agreement: float = setting(
        0.5, "Share of a thing in which the semantic class must be its own.", low=0, high=1
    )

    def __post_init__(self) -> None:
        check_ranges(self)


def fuse(
    semantic: Semantic,
    instances: Instances,
    rules: Fusion | None = None,
    *,
    legend: Legend | None = None,
    names: Names | None = None,
) -> Panoptic:
    """Return panoptic segments: things from ``instances`` by falling score, crowds, then stuff.

    Every claim that is dropped is counted in ``provenance.notes``.

    Args:
        semantic: Classes for the stuff. Classes of things are not used: they become void.
        instances: The things.
        rules: Thresholds.
        legend: Legend of the answer; classes are matched by name. None: the things' classes and
            the semantic classes that are no things, renumbered where ids clash.
        names: What semantic classes mean in ``legend`` where they are called otherwise.

    Raises:
        InputError: The two have different sizes.

    Source:
        A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollár, "Panoptic Segmentation", CVPR 2019.

    >>> stuff = Legend.of(["sky", "grass"])
    >>> things = Legend.of(["cow"], things=["cow"])
    >>> meadow = Semantic(np.repeat(np.int32([[0], [1]]), [40, 40], axis=0).repeat(80, 1), stuff)
    >>> masks = np.zeros((1, 80, 80), bool)
    >>> masks[0, 30:60, 20:60] = True
    >>> cow = Instances.of(masks, np.int32([0]), things, score=np.float32([0.9]))
    >>> whole = fuse(meadow, cow, Fusion(min_stuff_area=100))
    >>> [whole.legend.name(int(row)) for row in whole.segments.class_id]
    ['cow', 'sky', 'grass']
    """
    if semantic.size != instances.size:
        raise InputError(f"sizes differ: {semantic.size} and {instances.size}")
    rules = rules or Fusion()
    target = legend or _joint_legend(semantic.legend, instances.legend)
    meant = _meant(semantic.legend, target, names or {})
    board = _Board(np.zeros(instances.size, np.int32), target)
    kinds = _by_name(instances.legend, target)
    board.place_things(_likely(instances, semantic, kinds, meant, rules), rules)
    board.place_stuff(semantic, meant, rules)
    ids = np.arange(1, len(board.classes) + 1)
    rows = Segments.of(board.classes, id=ids, score=board.scores).with_columns(crowd=board.crowds)
    labels, table = measured(board.labels, rows)
    made = Provenance(method="fuse", settings=vars(rules), notes=board.all_notes)
    return Panoptic(labels, table, target, instances.space, made)


@dataclass(frozen=True, slots=True)
class _Thing:
    crop: Crop
    score: float
    class_id: int | None
    is_likely: bool
    is_crowd: bool


@dataclass(slots=True)
class _Board:
    """The map in the making."""

    labels: NDArray[np.int32]
    legend: Legend
    classes: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    crowds: list[bool] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=lambda: {"score": 0, "overlap": 0, "class": 0})
    lost: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """One line on the things that were dropped, and one on what became void."""
        things = [f"{count} by {why}" for why, count in self.dropped.items() if count]
        stuff = [
            f"{why}: " + ", ".join(f"{name} {area}" for name, area in areas.items())
            for why, areas in self.lost.items()
        ]
        notes = []
        if things:
            notes.append(f"dropped things: {', '.join(things)}")
        if stuff:
            notes.append(f"pixels that became void, {'; '.join(stuff)}")
        return tuple(notes)

    def place_things(self, things: list[_Thing], rules: Fusion) -> None:
        """Place the things in their order."""
        for thing in things:
            if thing.class_id is None:
                self.dropped["class"] += 1
            elif not thing.is_likely:
                self.dropped["score"] += 1
            elif not self._place(thing, thing.class_id, rules):
                self.dropped["overlap"] += 1

    def _place(self, thing: _Thing, class_id: int, rules: Fusion) -> bool:
        """Give a thing the pixels that are free, and those of what it lies on; say if enough."""
        crop, area = thing.crop, thing.crop.area
        under = self.labels[crop.window]
        taken = crop.mask & (under == 0)
        if np.count_nonzero(taken) < rules.min_visible * area and rules.on_top:
            beneath = self._beneath(under[crop.mask], class_id, area, rules.on_top)
            taken |= crop.mask & np.isin(under, beneath)
        visible = int(np.count_nonzero(taken))
        if visible == 0 or visible < rules.min_visible * area:
            return False
        self._add(class_id, thing.score, area, is_crowd=thing.is_crowd)
        under[taken] = len(self.classes)
        return True

    def _beneath(
        self, labels: NDArray[np.int32], class_id: int, area: int, share: float
    ) -> list[int]:
        """Return the segments among ``labels`` on which a thing of that area may lie."""
        return [
            label
            for label in np.unique(labels[labels > 0]).tolist()
            if self.classes[label - 1] != class_id and area < share * self.areas[label - 1]
        ]

    def place_stuff(
        self, semantic: Semantic, meant: Mapping[int, tuple[int, ...]], rules: Fusion
    ) -> None:
        """Fill the free pixels with stuff; classes that mean the same become one segment.

        What is small joins a large part of the same meaning, whatever its own area.
        """
        free = self.labels == 0
        claims: list[tuple[str, int, NDArray[np.bool_], int, int]] = []
        for label in semantic.present:
            name, whole = semantic.legend.name(label), semantic.labels == label
            stuff = [kind for kind in meant.get(label, ()) if not self.legend[kind].is_thing]
            whole_area = int(np.count_nonzero(free & whole))
            if name == BACKGROUND or whole_area == 0:
                continue
            if not stuff:
                self._lose(whole_area, name, "not stuff of the legend")
                continue
            mask = free & _without_specks(whole, rules.min_stuff_part)
            claims.append((name, stuff[0], mask, int(np.count_nonzero(mask)), whole_area))
        least, segments = max(1, rules.min_stuff_area), dict[int, int]()
        wide = {kind for _, kind, _, area, _ in claims if area >= least}
        for name, kind, mask, area, whole_area in claims:
            if kind not in wide:
                self._lose(whole_area, name, "below min_stuff_area")
                continue
            if area < whole_area:
                self._lose(whole_area - area, name, "below min_stuff_part")
            if kind not in segments:
                self._add(kind, 1.0, area)
                segments[kind] = len(self.classes)
            self.labels[mask] = segments[kind]

    def _add(self, class_id: int, score: float, area: int, *, is_crowd: bool = False) -> None:
        self.classes.append(class_id)
        self.scores.append(score)
        self.areas.append(area)
        self.crowds.append(is_crowd)

    def _lose(self, area: int, name: str, why: str) -> None:
        self.lost.setdefault(why, {})[name] = area


def _likely(
    instances: Instances,
    semantic: Semantic,
    kinds: Mapping[int, int],
    meant: Mapping[int, tuple[int, ...]],
    rules: Fusion,
) -> list[_Thing]:
    """Return the things, the surest first, with their class in the target and if they count."""
    things = []
    for row in surest(instances.segments):
        crop, score = instances.crops[row], float(instances.segments.score[row])
        class_id = kinds.get(int(instances.segments.class_id[row]))
        agreed = [label for label, classes in meant.items() if class_id in classes]
        is_likely = score >= rules.min_score or (
            score >= rules.agreed_score
            and np.isin(semantic.labels[crop.window][crop.mask], agreed).mean() >= rules.agreement
        )
        is_crowd = bool(instances.segments.crowd[row])
        things.append(_Thing(crop, score, class_id, is_likely, is_crowd))
    return things


def _meant(source: Legend, target: Legend, names: Names) -> dict[int, tuple[int, ...]]:
    """Return the classes of the target that each class of the source may mean."""
    ids = {row.name: row.id for row in target}
    return {
        row.id: tuple(ids[name] for name in names.get(row.name, (row.name,)) if name in ids)
        for row in source
    }


def _joint_legend(semantic: Legend, instances: Legend) -> Legend:
    if semantic == instances:
        return instances
    things = [replace(row, is_thing=True) for row in instances if row.name != BACKGROUND]
    names = {row.name for row in things}
    stuff = [row for row in semantic if not row.is_thing and row.name not in names | {BACKGROUND}]
    joined = [replace(row, id=number) for number, row in enumerate([*things, *stuff], start=1)]
    return Legend(tuple(joined), void=0)


def _by_name(source: Legend, target: Legend) -> dict[int, int]:
    ids = {row.name: row.id for row in target}
    return {row.id: ids[row.name] for row in source if row.name in ids}


def _without_specks(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Return the parts of a mask that have at least ``least`` pixels."""
    if least <= 1:
        return mask
    labels, count = components(mask)
    areas = np.bincount(labels.reshape(-1), minlength=count + 1)
    areas[0] = 0
    return (areas >= least)[labels]

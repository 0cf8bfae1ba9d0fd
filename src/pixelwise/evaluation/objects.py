"""Average precision of things as COCO counts it; masks are matched by hotcoco's engine.

A truth row with ``crowd`` set matches any number of detections and counts neither way. The
classes of an error bar are matched once; only the sums are drawn again.

Source:
    T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014; A. Gupta, P. Dollar,
    R. Girshick, "LVIS", CVPR 2019; hotcoco (MIT).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import hotcoco
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Legend, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.detections import Things
from pixelwise.evaluation.metric import Family, Metric, Sample, Truth, Values
from pixelwise.evaluation.precision import ClassMatches, average_precision

__all__ = ["AP", "AP50", "AP75", "AR", "LVIS_AP", "Detections", "Objects", "lvis"]

Checked = Mapping[str, tuple[Sequence[int], Sequence[int]]]
_OVERLAPS = {"ap50": 0, "ap75": 5}


class Objects(Family):
    """Keeps the run lengths of truth and result; they are matched when the sample is asked for."""

    lvis = False

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sizes: list[tuple[int, ...]] = []
        self._truth = Things()
        self._result = Things()
        self._legend: Legend | None = None

    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Keep one picture.

        Raises:
            InputError: A volume, or a result without things.
        """
        if not isinstance(truth, Instances) or not isinstance(result, Instances):
            raise InputError(f"{name}: {type(result).__name__} has no things; use to_instances")
        if len(truth.size) != 2:
            raise InputError(f"{name}: average precision is scored on pictures, not on volumes")
        picture = len(self._names) + 1
        self._truth.extend(truth, picture)
        self._result.extend(result, picture)
        self._names.append(name)
        self._sizes.append(truth.size)
        self._legend = truth.legend

    def sample(self) -> Sample:
        """Return the matches of all pictures.

        Raises:
            InputError: No truth holds a thing, so that nothing can be found.
        """
        if self._legend is None or not len(self._truth.classes):
            raise InputError("the truth of all pictures holds no thing; there is no AP to score")
        support = self._truth.support(self._legend)
        order = {row.id + 1: place for place, row in enumerate(self._legend)}
        classes = tuple(row.name for row in self._legend)
        return Detections(tuple(self._names), classes, support, order, self._evaluated())

    def _notes(self) -> Sequence[Mapping[str, list[int]]]:
        """Return what hotcoco is told of each picture beside its size."""
        return [{} for _ in self._names]

    def _evaluated(self) -> Any:  # noqa: ANN401 - hotcoco's own object
        images: list[dict[str, Any]] = [
            {"id": number, "height": size[0], "width": size[1], **notes}
            for number, (size, notes) in enumerate(
                zip(self._sizes, self._notes(), strict=True), start=1
            )
        ]
        categories = [{"id": row.id + 1, "name": row.name} for row in self._legend or ()]
        truth = self._truth.as_coco(images, categories)
        if not len(self._result.classes):
            result = hotcoco.COCO({"images": images, "categories": categories, "annotations": []})
        else:
            result = truth.load_res(self._result.table, segmentation=self._result.segmentation)
        evaluation = hotcoco.COCOeval(truth, result, "segm", lvis_style=self.lvis)
        evaluation.params.area_rng = [[0.0, 1e10]]
        evaluation.params.area_rng_lbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
        return evaluation


class _Lvis(Objects):
    """As LVIS: what was not looked for in a picture counts neither way."""

    lvis = True

    def __init__(self, checked: Checked | None = None) -> None:
        super().__init__()
        self._checked = checked

    def _notes(self) -> list[dict[str, list[int]]]:
        """Return for each picture the classes surely absent, and those marked in part only."""
        if self._checked is None:
            every = [row.id for row in self._legend or ()]
            found: list[tuple[Sequence[int], Sequence[int]]] = [(every, ()) for _ in self._names]
        elif lost := [name for name in self._names if name not in self._checked]:
            raise InputError(
                f"it is not said which classes were looked for in {', '.join(lost[:5])} "
                f"({len(lost)} pictures in all)",
                reason="names",
            )
        else:
            found = [self._checked[name] for name in self._names]
        return [
            {
                "neg_category_ids": [number + 1 for number in absent],
                "not_exhaustive_category_ids": [number + 1 for number in partly],
            }
            for absent, partly in found
        ]


def lvis(checked: Checked) -> Metric:
    """Return ``lvis_ap`` for a truth in which only some classes were looked for.

    A detection of a class that a picture neither shows nor surely lacks counts neither way; nor
    does one without a match of a class that is marked in part only.

    Args:
        checked: Name of each picture -> the ids of the classes that were looked for and are not
            there, and of those of which not every thing is marked.
    """
    return replace(LVIS_AP, family=partial(_Lvis, checked))


@dataclass(frozen=True, eq=False)
class Detections(Sample):
    """Matched detections of all pictures."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    seen: NDArray[np.int64]
    order: dict[int, int]
    evaluation: Any
    other: "Detections | None" = None

    @property
    def support(self) -> NDArray[np.int64]:
        """Pictures with each class."""
        return self.seen

    def values(self, metric: Metric, weights: NDArray[np.float64]) -> Values:
        """Return the scores of weighted pictures."""
        if len(weights) == 1 and self.other is None and np.all(weights == 1):
            by_class = self._at_once(metric.name)[None]
        else:
            by_class = self._drawn(metric.name, weights)
        known = ~np.isnan(by_class)
        count = known.sum(axis=1)
        total = np.where(known, by_class, 0).sum(axis=1)
        return Values(np.where(count > 0, total / np.maximum(count, 1), np.nan), by_class)

    def joined(self, other: Sample) -> Sample:
        """Return both as one.

        Raises:
            InputError: The classes differ.
        """
        if not isinstance(other, Detections) or other.classes != self.classes:
            raise InputError("two predictions compare only when scored with the same classes")
        return replace(
            self, names=self.names + other.names, seen=self.seen + other.seen, other=other
        )

    @cached_property
    def matches(self) -> tuple[ClassMatches, ...]:
        """The matched detections of each class of the legend."""
        pictures = len(self.names) - (len(self.other.names) if self.other else 0)
        own = _matches(self.evaluation, self.order, pictures)
        if self.other is None:
            return own
        return tuple(_stacked(a, b) for a, b in zip(own, self.other.matches, strict=True))

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Precision (T, R, C) and recall (T, C); every look at ``eval`` copies all its tables."""
        found = self.evaluation.eval
        precision, recall = np.asarray(found["precision"]), np.asarray(found["recall"])
        return precision[:, :, :, 0, -1], recall[:, :, 0, -1]

    def _at_once(self, name: str) -> NDArray[np.float64]:
        """Return hotcoco's own sums; classes without a thing in the truth are NaN."""
        precision, recall = self._sums
        if name == "ar":
            return _known_mean(recall)
        chosen = precision[_OVERLAPS[name]][None] if name in _OVERLAPS else precision
        return _known_mean(chosen.reshape(-1, chosen.shape[-1]))

    def _drawn(self, name: str, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = []
        for matches in self.matches:
            precision, recall = average_precision(matches, weights)
            chosen = recall if name == "ar" else precision
            one = name in _OVERLAPS
            columns.append(chosen[:, _OVERLAPS[name]] if one else chosen.mean(axis=1))
        return np.stack(columns, axis=1)


def _known_mean(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each column; NaN where it holds -1, which is hotcoco's unknown."""
    unknown = (table < 0).all(axis=0)
    return np.where(unknown, np.nan, np.where(table < 0, 0, table).mean(axis=0))


def _matches(
    evaluation: Any,  # noqa: ANN401 - hotcoco's own object
    order: dict[int, int],
    pictures: int,
) -> tuple[ClassMatches, ...]:
    rows: list[list[tuple[Any, ...]]] = [[] for _ in order]
    things = np.zeros((len(order), pictures))
    for found in evaluation.eval_imgs:
        if found is None:
            continue
        place, picture = order[found["category_id"]], found["image_id"] - 1
        things[place, picture] = np.count_nonzero(~np.asarray(found["gtIgnore"], bool))
        scores = np.asarray(found["dtScores"], np.float64)
        hit = np.asarray(found["dtMatched"], bool).reshape(10, len(scores))
        ignored = np.asarray(found["dtIgnore"], bool).reshape(10, len(scores))
        rows[place].append((np.full(len(scores), picture), scores, hit, ignored))
    return tuple(_class_matches(row, count) for row, count in zip(rows, things, strict=True))


def _class_matches(rows: list[tuple[Any, ...]], things: NDArray[np.float64]) -> ClassMatches:
    if not rows:
        none = np.zeros((10, 0), bool)
        return ClassMatches(np.zeros(0, np.int64), none, none, things)
    rows.sort(key=lambda row: int(row[0][0]) if len(row[0]) else -1)
    picture, scores = (
        np.concatenate([row[0] for row in rows]),
        np.concatenate([row[1] for row in rows]),
    )
    best = np.argsort(-scores, kind="mergesort")
    hit = np.concatenate([row[2] for row in rows], axis=1)[:, best]
    ignored = np.concatenate([row[3] for row in rows], axis=1)[:, best]
    return _Scored(picture[best], hit, ignored, things, scores[best])


@dataclass(frozen=True, slots=True, eq=False)
class _Scored(ClassMatches):
    """Matches that still know their scores, so that two predictions can be merged."""

    scores: NDArray[np.float64]


def _stacked(first: ClassMatches, second: ClassMatches) -> ClassMatches:
    """Return both; the pictures of the second come after those of the first."""
    scores = [one.scores if isinstance(one, _Scored) else np.zeros(0) for one in (first, second)]
    best = np.argsort(-np.concatenate(scores), kind="mergesort")
    return ClassMatches(
        np.concatenate([first.picture, second.picture + len(first.things)])[best],
        np.concatenate([first.hit, second.hit], axis=1)[:, best],
        np.concatenate([first.ignored, second.ignored], axis=1)[:, best],
        np.concatenate([first.things, second.things]),
    )


_RULE = "mean of the classes with a thing in the truth; 100 best detections a picture and class."
AP = Metric(name="ap", family=Objects, rule=f"Average precision at IoU 0.5 .. 0.95 (COCO); {_RULE}")
AP50 = Metric(name="ap50", family=Objects, rule=f"Average precision at IoU 0.5 (COCO); {_RULE}")
AP75 = Metric(name="ap75", family=Objects, rule=f"Average precision at IoU 0.75 (COCO); {_RULE}")
AR = Metric(name="ar", family=Objects, rule=f"Greatest recall at IoU 0.5 .. 0.95 (COCO); {_RULE}")
LVIS_AP = Metric(
    name="lvis_ap",
    family=_Lvis,
    rule="Average precision at IoU 0.5 .. 0.95 as LVIS, 300 best detections a picture; every "
    "class counts as looked for in every picture, unless the truth says which were.",
)

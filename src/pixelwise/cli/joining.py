"""Truth and prediction brought together: names, classes and types, or an error that says which."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from pixelwise.convert import to_foreground, to_instances, to_panoptic, to_semantic
from pixelwise.core import Foreground, Instances, Legend, Panoptic, Regions, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.classes import is_background, matches
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.objects import OBJECT
from pixelwise.io.annotations.pictures import SUFFIXES

__all__ = ["Pair", "kind_for", "named", "pairs", "renamed", "to_kind", "unknown_classes"]

PIXELS = (
    *("accuracy", "miou", "dice", "case_dice", "volume_error", "boundary_iou", "boundary_f"),
    *("hd95", "hausdorff", "surface_dice"),
)
OBJECTS = ("ap", "ap50", "ap75", "ar", "lvis_ap", "dsb_ap", "dsb_ap50")
TRACKS = ("hota", "deta", "assa", "mota", "motsa", "smotsa", "idf1")
VIDEOS = ("j_and_f", "j", "f")
SAVED = ("labels", "mask", "panoptic")
"""What stands before the suffix of files that segment and batch write."""
REGIONS = ("covering", "pri", "vi", "ari", "contour_f")


@dataclass(frozen=True, slots=True)
class Pair:
    """The truth and the prediction of one picture."""

    name: str
    truth: Result
    result: Result


def pairs(truth: Dataset, prediction: Dataset) -> Iterator[Pair]:
    """Yield what belongs together by name; what comes early on one side waits for its partner.

    Raises:
        InputError: A name stands twice, or is missing on one side.
    """
    sides = (_Waiting("truth"), _Waiting("prediction"))
    paired = 0
    for both in zip_longest(truth, prediction):
        for side, sample in zip(sides, both, strict=True):
            if sample is not None:
                side.take(sample)
        for key in {key_of(sample) for sample in both if sample is not None}:
            if key in sides[0].samples and key in sides[1].samples:
                paired += 1
                yield Pair(key, sides[0].pop(key), sides[1].pop(key))
    first, second = (list(side.samples) for side in sides)
    if len(first) == len(second) == 1 and not paired:  # two files, whatever they are called
        yield Pair(first[0], sides[0].pop(first[0]), sides[1].pop(second[0]))
    elif first or second or not paired:
        raise _unmatched(first, second)


class _Waiting:
    """The pictures of one side that wait for their partner."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.samples: dict[str, Sample] = {}
        self._seen: set[str] = set()

    def take(self, sample: Sample) -> None:
        """Add one."""
        key = key_of(sample)
        if key in self._seen:
            raise InputError(f"the {self.side} has the picture {key!r} twice", reason="names")
        self._seen.add(key)
        self.samples[key] = sample

    def pop(self, key: str) -> Result:
        """Return what a picture shows and forget it."""
        return self.samples.pop(key).result


def key_of(sample: Sample) -> str:
    """Return what a picture is called on both sides: its name without suffixes.

    ``a.labels.png`` and ``a.jpg.labels.png``, which segment and batch write, are picture ``a``.
    """
    if sample.clip:
        return f"{sample.clip}/{sample.frame:05d}"
    stem, dot, kind = sample.stem.rpartition(".")
    if not dot or kind not in SAVED:
        return sample.stem
    return next((stem[: -len(end)] for end in SUFFIXES if stem.lower().endswith(end)), stem)


def named(result: Result, legend: Legend) -> Result:
    """Return a label map whose classes have only numbers in the classes of ``legend``."""
    if not isinstance(result, Semantic) or any(row.name != str(row.id) for row in result.legend):
        return result
    return Semantic(result.labels, legend)


def renamed(result: Result, truth: Legend) -> Result:
    """Return a prediction in the classes of the truth; what the truth does not know is left out.

    Raises:
        InputError: No class is in both.
    """
    if not isinstance(result, Semantic | Instances | Panoptic) or result.legend == truth:
        return result
    ids = _matched(result.legend, truth)
    if not ids:
        few = [", ".join(row.name for row in list(legend)[:5]) for legend in (truth, result.legend)]
        hint = "; are they numbers of objects? Then say --prediction-format png16"
        raise InputError(
            f"no class is in both: the truth has {few[0]} ..., the prediction {few[1]} ..."
            f"{hint if _are_numbers(result.legend) else ''}",
            reason="classes",
        )
    if isinstance(result, Semantic):
        size = max(result.legend.void, *result.legend.ids.tolist()) + 1
        table = np.full(size, truth.void, np.int32)
        table[list(ids)] = list(ids.values())
        return Semantic(table[result.labels], truth)
    kept = np.isin(result.segments.class_id, list(ids))
    kinds = [ids[int(kind)] for kind in result.segments.class_id[kept]]
    segments = result.segments[kept].with_columns(class_id=np.array(kinds, np.int32))
    if isinstance(result, Instances):
        crops = tuple(crop for crop, keep in zip(result.crops, kept, strict=True) if keep)
        return Instances(segments, crops, result.size, truth)
    labels = np.where(np.isin(result.labels, segments.id), result.labels, 0)
    return Panoptic(labels, segments, truth)


def _matched(source: Legend, truth: Legend) -> dict[int, int]:
    """Return class id of a prediction -> that of the truth; without classes, all are its one."""
    if truth != OBJECT or _are_numbers(source):
        return matches(source, truth)
    return {row.id: OBJECT.classes[0].id for row in source if not is_background(row)}


def _are_numbers(legend: Legend) -> bool:
    return all(row.name == str(row.id) for row in legend)


def unknown_classes(result: Result, truth: Result) -> set[str]:
    """Return the names of classes that a prediction uses and the truth's legend lacks."""
    named = (Semantic, Instances, Panoptic)
    if not isinstance(result, named) or not isinstance(truth, named):
        return set()
    used = result.labels if isinstance(result, Semantic) else result.segments.class_id
    lacking = set(np.unique(used).tolist()) - set(_matched(result.legend, truth.legend))
    return {row.name for row in result.legend if row.id in lacking}


def kind_for(metric: str, truth: Result, result: Result) -> type[Result]:
    """Return the type in which a metric compares the two."""
    kinds = (type(truth), type(result))
    if metric in OBJECTS or metric in TRACKS:
        return Instances
    if metric in REGIONS:
        return Regions
    if metric in PIXELS or metric in VIDEOS:
        if Foreground in kinds:
            return Foreground
        return Semantic if metric in PIXELS else Instances
    return common_kind(truth, result)


def common_kind(truth: Result, result: Result) -> type[Result]:
    """Return the type to which both can be brought without inventing anything."""
    kinds = {type(truth), type(result)}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {Panoptic, Instances} and (_has_stuff(truth) and _has_stuff(result)):
        return Panoptic
    for kind in (Regions, Foreground, Semantic, Instances):
        if kind in kinds:
            return kind
    return Panoptic


def to_kind(result: Result, kind: type[Result]) -> Result:
    """Return a result as another type.

    Raises:
        InputError: There is no road.
    """
    if isinstance(result, Instances) and kind is Instances:
        return _things(result)
    if isinstance(result, kind):
        return result
    if kind is Regions:
        if isinstance(result, Semantic):
            return Regions(np.where(result.labels == result.legend.void, 0, result.labels + 1))
        return Regions(to_panoptic(result).labels)
    roads = {
        Foreground: to_foreground,
        Semantic: to_semantic,
        Instances: to_instances,
        Panoptic: to_panoptic,
    }
    return roads[kind](result)  # type: ignore[operator]


def _has_stuff(result: Result) -> bool:
    """Whether segments of stuff occur, so that the whole picture is meant."""
    if not isinstance(result, Instances | Panoptic):
        return False
    return not np.isin(result.segments.class_id, list(result.legend.things)).all()


def _things(result: Instances) -> Instances:
    """Return the things; a legend that knows no things means all."""
    things = list(result.legend.things)
    kept = np.isin(result.segments.class_id, things)
    return result if not things or kept.all() else result[kept]


def _unmatched(first: list[str], second: list[str]) -> InputError:
    parts = []
    if first:
        parts.append(f"no prediction for {', '.join(first[:5])} ({len(first)} in all)")
    if second:
        parts.append(f"no truth for {', '.join(second[:5])} ({len(second)} in all)")
    if not parts:
        return InputError(
            "neither side has a picture: are they laid out as the format wants? See the Formats "
            "page, or name another by --truth-format and --prediction-format",
            reason="empty",
        )
    return InputError("names do not match: " + "; ".join(parts), reason="names")

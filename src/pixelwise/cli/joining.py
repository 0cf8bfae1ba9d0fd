"""Truth and prediction brought together: names, classes and types, or an error that says which."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pixelwise.convert import to_foreground, to_instances, to_panoptic, to_semantic
from pixelwise.core import Foreground, Instances, Legend, Panoptic, Regions, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.classes import matches
from pixelwise.io.annotations.dataset import Dataset, Sample

__all__ = ["Pair", "kind_for", "pairs", "renamed", "to_kind"]

PIXELS = (
    *("accuracy", "miou", "dice", "case_dice", "volume_error", "boundary_iou", "boundary_f"),
    *("hd95", "hausdorff", "surface_dice"),
)
OBJECTS = ("ap", "ap50", "ap75", "ar", "lvis_ap", "dsb_ap", "dsb_ap50")
TRACKS = ("hota", "deta", "assa", "mota", "motsa", "smotsa", "idf1")
VIDEOS = ("j_and_f", "j", "f")
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
    ours, theirs = iter(truth), iter(prediction)
    first: dict[str, Sample] = {}
    second: dict[str, Sample] = {}
    seen: set[str] = set()
    while True:
        one, other = next(ours, None), next(theirs, None)
        if one is None and other is None:
            break
        for sample, waiting, side in ((one, first, "truth"), (other, second, "prediction")):
            if sample is not None:
                key = key_of(sample)
                if key in waiting or key in seen:
                    raise InputError(f"the {side} has the picture {key!r} twice", reason="names")
                waiting[key] = sample
        for sample in (one, other):
            key = "" if sample is None else key_of(sample)
            if key in first and key in second:
                seen.add(key)
                yield Pair(key, first.pop(key).result, second.pop(key).result)
    if len(first) == len(second) == 1 and not seen:
        yield Pair(*first, first.popitem()[1].result, second.popitem()[1].result)
    elif first or second or not seen:
        raise _unmatched(list(first), list(second))


def key_of(sample: Sample) -> str:
    """Return what a picture is called on both sides: its name without suffix."""
    return f"{sample.clip}/{sample.frame:05d}" if sample.clip else sample.stem


def renamed(result: Result, truth: Legend) -> Result:
    """Return a prediction in the classes of the truth; what the truth does not know is left out.

    Raises:
        InputError: No class is in both.
    """
    if not isinstance(result, Semantic | Instances | Panoptic) or result.legend == truth:
        return result
    ids = matches(result.legend, truth)
    if not ids:
        few = [", ".join(row.name for row in list(legend)[:5]) for legend in (truth, result.legend)]
        raise InputError(
            f"no class is in both: the truth has {few[0]} ..., the prediction {few[1]} ...",
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
    return roads[kind](result)  # type: ignore[operator, no-any-return]


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
    return InputError(
        "names do not match: " + ("; ".join(parts) or "there is no picture"), reason="names"
    )

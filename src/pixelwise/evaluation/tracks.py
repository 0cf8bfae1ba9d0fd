"""Tracks of masks through videos: HOTA, MOTA, MOTSA, IDF1, as TrackEval counts them.

Frames are added one by one; what stands before the last ``/`` of a frame's name is its video, and
frames follow each other as they were added. Rows of the truth with ``crowd`` set are regions to
ignore: a detection that matches nothing and lies in them by more than half is left out.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pixelwise.core import Instances, Legend, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.metric import Array, CountSample, Family, Metric, Sample, Truth, ratio
from pixelwise.evaluation.overlaps import Overlaps, overlaps_of
from pixelwise.evaluation.sequences import (
    ALPHAS,
    Frame,
    Tracks,
    clear_counts,
    hota_counts,
    identity_counts,
)

__all__ = [
    "ASSA",
    "DETA",
    "HOTA",
    "IDF1",
    "MOTA",
    "MOTSA",
    "SMOTSA",
    "TrackFamily",
    "counts_of",
    "video_of",
]

_STEPS = len(ALPHAS)
_CLEAR = 4 * _STEPS
_IDENTITY = _CLEAR + 5


class TrackFamily(Family):
    """Keeps who overlaps whom in each frame; tracks are matched when the sample is asked for."""

    def __init__(self) -> None:
        self._frames: dict[str, dict[int, list[Frame]]] = {}
        self._legend: Legend | None = None

    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Keep one frame.

        Raises:
            InputError: The result is no instances.
        """
        if not isinstance(truth, Instances) or not isinstance(result, Instances):
            raise InputError(f"{name}: tracks are scored on Instances, not {type(result).__name__}")
        for things, who in ((truth, "truth"), (result, "result")):
            _check_tracks(things, f"{name}: the {who}")
        truth, result, overlaps = _without_ignored(truth, result)
        video = self._frames.setdefault(video_of(name), defaultdict(list))
        self._legend = truth.legend
        for class_id in truth.legend.ids.tolist():
            rows = truth.segments.class_id == class_id
            columns = result.segments.class_id == class_id
            video[class_id].append(
                Frame(
                    truth.segments.track_id[rows].astype(np.int64),
                    result.segments.track_id[columns].astype(np.int64),
                    overlaps.iou[np.ix_(rows, columns)],
                )
            )

    def sample(self) -> Sample:
        """Return the counts of all videos."""
        classes = list(self._legend or ())
        counts = [[counts_of(video[row.id]) for row in classes] for video in self._frames.values()]
        table = np.array(counts, np.float64)
        seen = table[..., _IDENTITY : _IDENTITY + 2].sum(axis=-1) > 0
        names = tuple(row.name for row in classes)
        return CountSample(tuple(self._frames), names, table, seen)


def video_of(name: str) -> str:
    """Return the video of a frame's name.

    >>> video_of("street/00012"), video_of("00012")
    ('street', '')
    """
    return name.rpartition("/")[0]


def counts_of(frames: list[Frame]) -> Array:
    """Return the sums of one class in one video that all scores of tracks follow from."""
    tracks = Tracks.of(frames)
    parts = (hota_counts(tracks).reshape(-1), clear_counts(tracks), identity_counts(tracks))
    return np.concatenate(parts)


def _check_tracks(things: Instances, who: str) -> None:
    own = things.segments[~things.segments.crowd]
    if np.any(own.track_id < 0):
        raise InputError(f"{who} has things without a track id", reason="ids")
    pairs = np.stack([own.class_id, own.track_id], axis=1)
    if len(np.unique(pairs, axis=0)) != len(pairs):
        raise InputError(f"{who} has one track id twice in a frame", reason="ids")


def _without_ignored(truth: Instances, result: Instances) -> tuple[Instances, Instances, Overlaps]:
    """Drop the regions to ignore, and what lies in them and matches nothing."""
    overlaps = overlaps_of(truth, result)
    crowd = truth.segments.crowd
    if not crowd.any():
        return truth, result, overlaps
    same = truth.segments.class_id[~crowd][:, None] == result.segments.class_id
    iou = np.where(same, overlaps.iou[~crowd], 0)
    score = np.where(iou < 0.5, -10000.0, iou)
    rows, columns = linear_sum_assignment(-score)
    lonely = np.ones(len(result), bool)
    lonely[columns[score[rows, columns] > 0.5]] = False
    inside = _inside(truth[crowd], result) > 0.5 * overlaps.second
    kept = ~(lonely & inside)
    left = Overlaps(
        overlaps.shared[np.ix_(~crowd, kept)], overlaps.first[~crowd], overlaps.second[kept]
    )
    return truth[~crowd], result[kept], left


def _inside(regions: Instances, result: Instances) -> NDArray[np.int64]:
    """Return, for each mask, its pixels in any of the regions."""
    ignored = np.zeros(result.size, bool)
    for crop in regions.crops:
        ignored[crop.window] |= crop.mask
    pixels = [np.count_nonzero(ignored[crop.window] & crop.mask) for crop in result.crops]
    return np.array(pixels, np.int64)


def _hota_parts(sums: Array) -> tuple[Array, Array]:
    """Return DetA and AssA at each overlap, (..., 19)."""
    hits, missed, wrong, shared = (
        sums[..., step * _STEPS : (step + 1) * _STEPS] for step in range(4)
    )
    there = (hits + missed + wrong)[..., :1] > 0
    detection = np.where(there, hits / np.maximum(1, hits + missed + wrong), np.nan)
    return detection, np.where(there, shared / np.maximum(1, hits), np.nan)


def _hota(sums: Array) -> Array:
    detection, association = _hota_parts(sums)
    return np.asarray(np.sqrt(detection * association).mean(axis=-1))


def _clear(sums: Array) -> tuple[Array, Array, Array, Array, Array]:
    hits, missed, wrong, switches, likeness = np.moveaxis(sums[..., _CLEAR:_IDENTITY], -1, 0)
    return hits, missed, wrong, switches, likeness


def _mota(sums: Array) -> Array:
    hits, missed, wrong, switches, _ = _clear(sums)
    return ratio(hits - wrong - switches, hits + missed)


def _soft_mota(sums: Array) -> Array:
    hits, missed, wrong, switches, likeness = _clear(sums)
    return ratio(likeness - wrong - switches, hits + missed)


def _idf1(sums: Array) -> Array:
    hits, missed, wrong = np.moveaxis(sums[..., _IDENTITY : _IDENTITY + 3], -1, 0)
    return ratio(hits, hits + missed / 2 + wrong / 2)


_CLASSES = "mean of the classes with a track in truth or result; error bars over videos."
HOTA = Metric(
    name="hota",
    family=TrackFamily,
    per_class=_hota,
    rule=f"Mean over 19 overlaps of the root of detection times association; {_CLASSES}",
)
DETA = Metric(
    name="deta",
    family=TrackFamily,
    per_class=lambda sums: _hota_parts(sums)[0].mean(axis=-1),
    rule=f"Detection accuracy of HOTA; {_CLASSES}",
)
ASSA = Metric(
    name="assa",
    family=TrackFamily,
    per_class=lambda sums: _hota_parts(sums)[1].mean(axis=-1),
    rule=f"Association accuracy of HOTA; {_CLASSES}",
)
MOTA = Metric(
    name="mota",
    family=TrackFamily,
    per_class=_mota,
    rule=f"1 less misses, false alarms and switches for each true detection; {_CLASSES}",
)
MOTSA = Metric(
    name="motsa",
    family=TrackFamily,
    per_class=_mota,
    rule=f"MOTA with masks matched at IoU 0.5 (MOTS); {_CLASSES}",
)
SMOTSA = Metric(
    name="smotsa",
    family=TrackFamily,
    per_class=_soft_mota,
    rule=f"MOTSA with the IoU of the matches for their number; {_CLASSES}",
)
IDF1 = Metric(
    name="idf1",
    family=TrackFamily,
    per_class=_idf1,
    rule=f"F of the detections whose identity is right over the whole video; {_CLASSES}",
)

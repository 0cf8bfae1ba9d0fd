"""Objects through a video: region J and boundary F, as DAVIS and TrackEval count them.

Source:
    F. Perazzi et al., CVPR 2016; J. Pont-Tuset et al., "The 2017 DAVIS Challenge", 2017.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from pixelwise.core import Crop, Foreground, Instances, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.boundaries import boundary_f_counts, f_of, tolerance_of
from pixelwise.evaluation.metric import (
    Array,
    CountSample,
    Family,
    Metric,
    Sample,
    Truth,
    ratio,
)
from pixelwise.evaluation.tracks import video_of

__all__ = ["J_AND_F", "F", "J", "VideoObjects"]

Objects = dict[int, Crop]


class VideoObjects(Family):
    """Keeps the masks of each frame; objects are matched when the sample is asked for."""

    def __init__(self) -> None:
        self._videos: dict[str, list[tuple[Objects, Objects]]] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}

    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Keep one frame.

        Raises:
            InputError: The frame has another size than those before.
        """
        video = video_of(name)
        if self._sizes.setdefault(video, result.size) != result.size:
            raise InputError(f"{name} is {result.size}, the frames before {self._sizes[video]}")
        pair = (_objects(truth, name), _objects(result, name))
        self._videos.setdefault(video, []).append(pair)

    def sample(self) -> Sample:
        """Return, for each video, J and F summed over its true objects, and their number."""
        rows = [_video_row(frames, self._sizes[name]) for name, frames in self._videos.items()]
        counts = np.array(rows, np.float64)[:, None]
        return CountSample(tuple(self._videos), ("all",), counts, counts[..., 2] > 0)


def _objects(result: Truth, name: str) -> Objects:
    if isinstance(result, Foreground):
        return {1: Crop.of(result.mask)} if not result.is_empty else {}
    if not isinstance(result, Instances):
        raise InputError(f"{name}: J and F are scored on Foreground or Instances")
    ids = result.segments.track_id.tolist()
    if any(number < 0 for number in ids) or len(set(ids)) != len(ids):
        raise InputError(f"{name}: each object needs a track id of its own", reason="ids")
    return {number: crop for number, crop in zip(ids, result.crops, strict=True) if crop.mask.any()}


def _video_row(frames: Sequence[tuple[Objects, Objects]], size: tuple[int, ...]) -> Array:
    truths = sorted({number for truth, _ in frames for number in truth})
    found = sorted({number for _, result in frames for number in result})
    overlap = np.array(
        [[[_j(t.get(a), r.get(b)) for t, r in frames] for b in found] for a in truths], np.float64
    ).reshape(len(truths), len(found), len(frames))
    # A true object may stay without partner: it meets an empty one.
    alone = np.array([[_j(t.get(a), None) for t, _ in frames] for a in truths], np.float64)
    spare = max(0, len(truths) - len(found))
    mean = (
        np.concatenate(
            [overlap.mean(axis=2), np.repeat(alone.mean(axis=1)[:, None], spare, axis=1)], axis=1
        )
        if truths
        else np.zeros((0, 0))
    )
    j = f = 0.0
    for row, column in zip(*linear_sum_assignment(-mean), strict=True):
        other = found[column] if column < len(found) else 0
        j += float(mean[row, column])
        f += float(np.mean([_f(t.get(truths[row]), r.get(other), size) for t, r in frames]))
    return np.array([j, f, len(truths)], np.float64)


def _j(truth: Crop | None, result: Crop | None) -> float:
    if truth is None or result is None:
        return 1.0 if truth is result else 0.0
    shared = truth.shared_with(result)
    return shared / (truth.area + result.area - shared)


def _f(truth: Crop | None, result: Crop | None, size: tuple[int, ...]) -> float:
    if truth is None and result is None:
        return 1.0
    masks = [np.zeros(size, bool) if crop is None else crop.full(size) for crop in (truth, result)]
    return f_of(boundary_f_counts(masks[0], masks[1], tolerance_of(size)))


J = Metric(
    name="j",
    family=VideoObjects,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 2]),
    rule="Mean IoU over the frames of each true object; mean of objects.",
)
F = Metric(
    name="f",
    family=VideoObjects,
    per_class=lambda sums: ratio(sums[..., 1], sums[..., 2]),
    rule="Mean boundary F over the frames of each true object; mean of objects.",
)
J_AND_F = Metric(
    name="j_and_f",
    family=VideoObjects,
    per_class=lambda sums: ratio(sums[..., 0] + sums[..., 1], 2 * sums[..., 2]),
    rule="Mean of J and F (DAVIS); objects of truth and result are matched by J.",
)

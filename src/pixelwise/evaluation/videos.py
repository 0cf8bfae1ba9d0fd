"""Objects through a video: region J and boundary F as DAVIS and TrackEval, and flicker.

Source:
    F. Perazzi et al., CVPR 2016; J. Pont-Tuset et al., "The 2017 DAVIS Challenge", 2017; flicker
    after W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, with masks.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pixelwise.core import Crop, Foreground, Image, Instances, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.boundaries import boundary_f_counts, f_of, tolerance_of
from pixelwise.evaluation.metric import (
    Array,
    Better,
    CountSample,
    Family,
    Metric,
    Sample,
    Truth,
    ratio,
)
from pixelwise.evaluation.overlaps import shared_pixels
from pixelwise.evaluation.tracks import video_of

__all__ = ["FLICKER", "J_AND_F", "F", "J", "VideoObjects", "flicker_sample", "warped_change"]

Objects = dict[int, Crop]


class VideoObjects(Family):
    """Keeps the masks of each frame; objects are matched when the sample is asked for."""

    def __init__(self) -> None:
        self._videos: dict[str, list[tuple[Objects, Objects]]] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}

    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Keep one frame."""
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
    shared = shared_pixels(truth, result)
    return shared / (truth.area + result.area - shared)


def _f(truth: Crop | None, result: Crop | None, size: tuple[int, ...]) -> float:
    if truth is None and result is None:
        return 1.0
    masks = [np.zeros(size, bool) if crop is None else crop.full(size) for crop in (truth, result)]
    return f_of(boundary_f_counts(masks[0], masks[1], tolerance_of(size)))


def flicker_sample(frames: Iterable[tuple[Image, Foreground]], name: str = "video") -> CountSample:
    """Return how much the mask changes from frame to frame beyond what moves.

    Args:
        frames: Pictures of one video and their masks, in order.
        name: Of the video, for the names of the frames.

    Returns:
        One row for each frame but the first, for :data:`FLICKER`.

    Raises:
        InputError: There are fewer than two frames, or their sizes differ.
    """
    before: tuple[NDArray[np.uint8], NDArray[np.bool_]] | None = None
    changes: list[float] = []
    for image, result in frames:
        if image.pixels.shape[:2] != result.size or (before and before[1].shape != result.size):
            raise InputError(f"frame {len(changes) + 1}: sizes of picture and mask must be equal")
        grey = _grey(image)
        if before is not None:
            changes.append(warped_change(*before, grey, result.mask))
        before = (grey, result.mask)
    if not changes:
        raise InputError("flicker needs two frames or more")
    counts = np.array([[[change, 1.0]] for change in changes])
    names = tuple(f"{name}/{number + 2}" for number in range(len(changes)))
    return CountSample(names, ("all",), counts, np.ones((len(changes), 1), bool))


def warped_change(
    grey: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    next_grey: NDArray[np.uint8],
    next_mask: NDArray[np.bool_],
) -> float:
    """Return 1 - IoU of a mask, moved along the optical flow, and the next frame's mask.

    Pixels that come from outside the picture are left out; two empty masks differ by 0.
    """
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = engine.calc(next_grey, grey, np.zeros((*grey.shape, 2), np.float32))
    y, x = np.indices(grey.shape, dtype=np.float32)
    source_x, source_y = x + flow[..., 0], y + flow[..., 1]
    moved = cv2.remap(mask.astype(np.float32), source_x, source_y, cv2.INTER_LINEAR) >= 0.5
    inside = (source_x >= 0) & (source_y >= 0)
    inside &= (source_x <= grey.shape[1] - 1) & (source_y <= grey.shape[0] - 1)
    joint = np.count_nonzero((moved | next_mask) & inside)
    return 0.0 if joint == 0 else 1 - np.count_nonzero(moved & next_mask & inside) / joint


def _grey(image: Image) -> NDArray[np.uint8]:
    pixels = image.pixels
    if pixels.dtype != np.uint8:
        raise InputError(f"flicker needs 8-bit pictures, not {pixels.dtype}", reason="dtype")
    if pixels.shape[-1] == 1:
        return np.ascontiguousarray(pixels[..., 0])
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY))


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
FLICKER = Metric(
    name="flicker",
    family=VideoObjects,
    better=Better.LOWER,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 1]),
    rule="1 - IoU of each mask, moved along the optical flow, and the next one; mean of frames.",
)

"""How much a mask changes from frame to frame beyond what moves.

Source:
    After W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, with masks for
    pixels; optical flow by T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016.
"""

from collections.abc import Iterable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.accumulator import score_sample
from pixelwise.evaluation.metric import (
    Array,
    Better,
    CountFamily,
    CountSample,
    Metric,
    Truth,
    ratio,
)
from pixelwise.evaluation.scores import Scores

__all__ = ["FLICKER", "Frames", "evaluate_flicker", "warped_change"]

LEAST = 32
"""OpenCV's flow ends the process on pictures with a shorter side; they are widened for it."""


class _NeedsPictures(CountFamily):
    """Says that flicker is not scored against a truth."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:  # noqa: ARG002
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(
            "flicker compares frames with their pictures, not truth and result: use "
            "evaluate_flicker, or `pixelwise evaluate --metrics flicker --pictures FOLDER`"
        )


FLICKER = Metric(
    name="flicker",
    family=_NeedsPictures,
    better=Better.LOWER,
    per_class=lambda sums: ratio(sums[..., 0], sums[..., 1]),
    rule="1 - IoU of each mask, moved along the optical flow, and the next one; mean of frames.",
)


Frames = Iterable[tuple[Image, Foreground]]
"""Pictures of a video and their masks, in order."""


def evaluate_flicker(videos: Mapping[str, Frames] | Iterable[tuple[str, Frames]]) -> Scores:
    """Score the masks of videos without a truth.

    Args:
        videos: Name -> its pictures and their masks, in order; or such pairs one after the other.

    Returns:
        Scores with ``flicker``, whose pictures are all frames but the first of each video.

    Raises:
        InputError: A video has fewer than two frames, or the sizes in one differ.
    """
    named = videos.items() if isinstance(videos, Mapping) else videos
    samples = [_sample(frames, name) for name, frames in named]
    if not samples:
        raise InputError("there is no video to score")
    whole = samples[0]
    for other in samples[1:]:
        whole = whole.joined(other)
    return Scores({"flicker": score_sample(FLICKER, whole)}, whole.names)


def _sample(frames: Iterable[tuple[Image, Foreground]], name: str) -> CountSample:
    before: tuple[NDArray[np.uint8], NDArray[np.bool_]] | None = None
    changes: list[float] = []
    for image, result in frames:
        if image.pixels.shape[:2] != result.size or (before and before[1].shape != result.size):
            raise InputError(
                f"{name}, frame {len(changes) + 1}: sizes of picture and mask must be equal"
            )
        grey = _grey(image)
        if before is not None:
            changes.append(warped_change(*before, grey, result.mask))
        before = (grey, result.mask)
    if not changes:
        raise InputError(f"{name}: flicker needs two frames or more")
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
    flow = _flow(next_grey, grey)
    y, x = np.indices(grey.shape, dtype=np.float32)
    source_x, source_y = x + flow[..., 0], y + flow[..., 1]
    moved = cv2.remap(mask.astype(np.float32), source_x, source_y, cv2.INTER_LINEAR) >= 0.5
    inside = (source_x >= 0) & (source_y >= 0)
    inside &= (source_x <= grey.shape[1] - 1) & (source_y <= grey.shape[0] - 1)
    joint = np.count_nonzero((moved | next_mask) & inside)
    return 0.0 if joint == 0 else 1 - np.count_nonzero(moved & next_mask & inside) / joint


def _flow(grey: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return where each pixel of ``grey`` lies in ``other``, as (H, W, 2) steps x y."""
    height, width = grey.shape
    edge = (0, max(0, LEAST - height), 0, max(0, LEAST - width))
    wide = [cv2.copyMakeBorder(plane, *edge, cv2.BORDER_REPLICATE) for plane in (grey, other)]
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = engine.calc(wide[0], wide[1], np.zeros((*wide[0].shape, 2), np.float32))
    return np.asarray(flow[:height, :width], np.float32)


def _grey(image: Image) -> NDArray[np.uint8]:
    pixels = image.pixels
    if pixels.dtype != np.uint8:
        raise InputError(f"flicker needs 8-bit pictures, not {pixels.dtype}", reason="dtype")
    if pixels.shape[-1] == 1:
        return np.ascontiguousarray(pixels[..., 0])
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY))

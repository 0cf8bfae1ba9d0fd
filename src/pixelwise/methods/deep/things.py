"""What the decoders of things share: candidates, and masks that become instances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Instances, Legend, Segments
from pixelwise.ops.paste import mask_overlap

__all__ = ["Candidate", "instances_of", "one_of_each", "to_picture"]

MOST = 300
"""Things kept of one picture, as is usual."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One thing with its mask.

    Args:
        class_id: Of the legend.
        score: 0..1.
        origin: (y, x) of the first pixel of the mask in the picture.
        mask: (h, w) bool, tight.
        box: x0 y0 x1 y1 in pixels of the picture, where it is not the mask's own.
    """

    class_id: int
    score: float
    origin: tuple[int, int]
    mask: NDArray[np.bool_]
    box: NDArray[np.float32] | None = None


def instances_of(
    candidates: Sequence[Candidate], size: tuple[int, int], legend: Legend
) -> Instances:
    """Return the candidates whose mask has pixels, by falling score."""
    found = sorted((one for one in candidates if one.mask.size), key=lambda one: -one.score)
    crops = tuple(Crop(one.origin, one.mask) for one in found)
    boxes = [
        crop.box if one.box is None else one.box for one, crop in zip(found, crops, strict=True)
    ]
    table = Segments.of(
        [one.class_id for one in found],
        score=np.clip([one.score for one in found], 0, 1),
        box=np.array(boxes, np.float32).reshape(-1, 4),
        area=[crop.area for crop in crops],
    )
    return Instances(table, crops, size, legend)


def one_of_each(candidates: Sequence[Candidate], level: float) -> list[Candidate]:
    """Return, by falling score, those whose mask overlaps no better one of its class too much.

    Args:
        candidates: Any.
        level: Greatest intersection over union; 1 keeps all.
    """
    if level >= 1:
        return list(candidates)
    kept: list[Candidate] = []
    for one in sorted((one for one in candidates if one.mask.size), key=lambda one: -one.score):
        place = (one.origin, one.mask)
        rivals = (other for other in kept if other.class_id == one.class_id)
        if all(mask_overlap(place, (other.origin, other.mask)) <= level for other in rivals):
            kept.append(one)
    return kept


def to_picture(boxes: NDArray[np.floating[Any]], window: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401
    """Return boxes in pixels of the picture.

    Args:
        boxes: (N, 4) x0 y0 x1 y1 in shares of the input's sides.
        window: The part of the input that holds the picture.
        size: (height, width) of the picture.
    """
    height, width = size
    across, down = window.right - window.left, window.bottom - window.top
    offset = np.array([window.left, window.top, window.left, window.top], np.float32)
    factor = np.array([width / across, height / down, width / across, height / down], np.float32)
    return (boxes - offset) * factor

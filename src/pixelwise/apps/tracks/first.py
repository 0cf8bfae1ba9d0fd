"""The masks of the first frame, from what the user points at."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.convert import to_foreground
from pixelwise.core import Crop, Image, Instances, Prompts, Segmenter
from pixelwise.core.segments import Segments
from pixelwise.errors import InputError
from pixelwise.io.labels import read_labels
from pixelwise.tracking.propagation import moving_with
from pixelwise.tracking.propagation.propagation import OBJECT

__all__ = ["masks_of_file", "masks_of_prompts"]

BINARY = {0, 255}
"""The values of a mask of one thing, as DAVIS 2016 and most painters write it."""


def masks_of_file(path: Path, image: Image) -> Instances:
    """Return the things of a mask or label picture: each number but 0 is one thing.

    Raises:
        InputError: It cannot be read, has another size, or is empty.
    """
    labels = read_labels(path)
    if labels.shape != tuple(image.size):
        raise InputError(f"{path}: the mask is {labels.shape}, the frame {tuple(image.size)}")
    values = np.unique(labels[labels > 0])
    if set(values.tolist()) <= BINARY:
        return _things([labels > 0], f"{path}: the mask")
    numbers = values[values < max(BINARY)]
    return _things([labels == value for value in numbers], f"{path}: the mask")


def masks_of_prompts(
    images: Sequence[Image],
    prompts: Prompts,
    find: Callable[[Prompts], Segmenter],
    *,
    by_motion: bool,
) -> Instances:
    """Return one thing for each box, or for each label of the points where there is no box.

    Args:
        images: The first frame, and with ``by_motion`` a few that follow it.
        prompts: Boxes and points; with boxes the points go with each of them.
        find: Makes the segmenter for the prompts of one thing.
        by_motion: Whether what moves with the points comes before that.

    Raises:
        InputError: Nothing was found.
    """
    points, labels = np.asarray(prompts.points), np.asarray(prompts.labels)
    boxes = np.asarray(prompts.boxes)
    if len(boxes):
        asked = [Prompts(points=points, labels=labels, boxes=[box]) for box in boxes]
        by_motion = False
    else:
        numbers = np.unique(labels[labels > 0])
        asked = [
            Prompts(points=points, labels=(labels == number).astype(np.int32)) for number in numbers
        ]
    masks = []
    for one in asked:
        own = np.asarray(one.points)[np.asarray(one.labels) > 0]
        mask = moving_with(images, own) if by_motion else None
        masks.append(to_foreground(find(one)(images[0])).mask if mask is None else mask)
    return _things(masks, "what was pointed at")


def _things(masks: list[NDArray[np.bool_]], what: str) -> Instances:
    crops = [Crop.of(mask) for mask in masks]
    if not crops or any(crop.area == 0 for crop in crops):
        raise InputError(
            f"{what} holds nothing in the first frame; give a mask, a box or a point of a thing"
        )
    table = Segments.of(
        np.ones(len(crops)),
        box=[crop.box for crop in crops],
        area=[crop.area for crop in crops],
        track_id=np.arange(1, len(crops) + 1),
    )
    size = masks[0].shape
    return Instances(table, tuple(crops), size, OBJECT)

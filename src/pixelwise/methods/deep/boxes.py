"""Decodes networks of the Mask R-CNN kind: boxes, labels, scores, and a small mask for each box.

Small masks are laid into their boxes as Detectron and torchvision do: the mask gets a border of
one sample, the box grows with it and is cut to whole pixels, and the bilinear value above the
threshold decides. Masks that already have the picture's size are only thresholded.

Source:
    He et al., "Mask R-CNN", ICCV 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Instances, Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen
from pixelwise.methods.deep.placing import Decoder, Placed
from pixelwise.methods.deep.things import Candidate, instances_of, one_of_each, to_picture
from pixelwise.ops.axes import centres
from pixelwise.ops.grow import finite
from pixelwise.ops.paste import grow_inside, part, tight

__all__ = ["Boxes", "boxes", "pasted"]

Mask = tuple[tuple[int, int], NDArray[np.bool_]]

EMPTY: Mask = ((0, 0), np.zeros((0, 0), bool))


def boxes(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network with boxes and a mask for each.

    Raises:
        ModelError: The model has not the four outputs, or the card asks for another task.
    """
    if card.task is not Task.INSTANCE:
        raise ModelError(f"card {card.name}: boxes with masks give no {card.task} segmentation")
    places = chosen(card.decoder, outputs)
    if len(places) != 4:
        raise ModelError(
            f"card {card.name}: the model has {len(places)} outputs, not boxes, labels, scores "
            "and masks"
        )
    return Boxes(card, (places[0], places[1], places[2], places[3]), card.legend_object())


@dataclass(frozen=True, slots=True)
class Boxes:
    """The decoder of one network with boxes.

    Args:
        card: What it is.
        places: Where boxes, labels, scores and masks stand among the outputs.
        legend: The card's legend.
    """

    card: Card
    places: tuple[int, int, int, int]
    legend: Legend

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Instances:
        """Return the things.

        Raises:
            ModelError: The outputs are nonsense.
        """
        edges, labels, scores, masks = (outputs[place] for place in self.places)
        _check(edges, labels, scores, masks)
        spec, classes = self.card.decoder, self.card.classes
        _check_labels(labels, len(classes))
        height, width = placed.input_size
        share = np.divide(edges, np.array([width, height, width, height]), dtype=np.float32)
        places = np.asarray(to_picture(share, placed.window, placed.size), np.float32)
        whole = masks.shape[-2:] == placed.size
        found = []
        for row in np.flatnonzero(scores > spec.threshold):
            class_id = int(classes[int(labels[row])])
            if class_id < 0:
                continue
            plane = masks[row].reshape(masks.shape[-2:]).astype(np.float32, copy=False)
            made = (
                tight(plane > spec.mask_threshold)
                if whole
                else pasted(plane, places[row], placed.size, spec.mask_threshold)
            )
            own = None if spec.boxes_from_masks else places[row]
            found.append(Candidate(class_id, float(scores[row]), *made, own))
        return instances_of(one_of_each(found, spec.mask_overlap), placed.size, self.legend)


def pasted(
    mask: NDArray[np.float32], box: NDArray[np.float32], size: tuple[int, int], level: float
) -> Mask:
    """Return a small mask laid into its box: place of its first pixel, and the mask there.

    Args:
        mask: (m, m) float32 probabilities.
        box: x0 y0 x1 y1 in pixels of the picture.
        size: (height, width) of the picture.
        level: The mask is where the bilinear probability is above it.

    >>> pasted(np.ones((28, 28), np.float32), np.float32([2, 1, 5, 3]), (9, 9), 0.5)[1].shape
    (4, 5)
    """
    bordered = np.pad(mask, 1)
    x0, y0, x1, y1 = _widened(box, bordered.shape[0] / mask.shape[0])
    height, width = max(y1 - y0 + 1, 1), max(x1 - x0 + 1, 1)
    top, bottom = max(y0, 0), min(y1 + 1, size[0])
    left, right = max(x0, 0), min(x1 + 1, size[1])
    if top >= bottom or left >= right:
        return EMPTY
    rows, down = part(centres(bordered.shape[0], height), top - y0, bottom - y0)
    columns, along = part(centres(bordered.shape[1], width), left - x0, right - x0)
    (y, x), made = grow_inside(bordered[down, along], level, rows, columns)
    return (top + y, left + x), made


def _widened(box: NDArray[np.float32], factor: float) -> list[int]:
    """Return the box grown about its centre and cut towards zero to whole pixels."""
    half = (box[2:] - box[:2]) * np.float32(0.5)
    centre = (box[2:] + box[:2]) * np.float32(0.5)
    half = half * np.float32(factor)
    edges: list[int] = np.concatenate([centre - half, centre + half]).astype(np.int64).tolist()
    return edges


def _check(
    edges: NDArray[Any], labels: NDArray[Any], scores: NDArray[Any], masks: NDArray[Any]
) -> None:
    count = len(scores)
    if edges.shape != (count, 4) or labels.shape != (count,) or len(masks) != count:
        raise ModelError(
            f"the model answered boxes {edges.shape}, labels {labels.shape}, scores "
            f"{scores.shape} and masks {masks.shape}, which do not belong together"
        )
    for values in (edges, scores, masks):
        if not finite(np.ascontiguousarray(values, np.float32)):
            raise ModelError("the model's boxes, scores or masks hold NaN or infinity")


def _check_labels(labels: NDArray[Any], classes: int) -> None:
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ModelError(
            f"the model answers labels {labels.min()} to {labels.max()}, the card has {classes} "
            "classes"
        )

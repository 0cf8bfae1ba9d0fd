"""Decodes networks of the YOLO kind: boxes, classes, coefficients, and prototypes of masks.

The mask of a thing is a weighted sum of the prototypes. Only the prototypes under its box are
summed, and only the box is grown to the picture's size; the sum's sign decides, which is what
its sigmoid above one half would say.

Source:
    Bolya et al., "YOLACT: Real-time Instance Segmentation", ICCV 2019.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, DecoderSpec
from pixelwise.core import Instances, Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen, real
from pixelwise.methods.deep.placing import Decoder, Placed
from pixelwise.methods.deep.things import MOST, Candidate, instances_of, one_of_each, to_picture
from pixelwise.ops.axes import Axis
from pixelwise.ops.overlap import unsuppressed
from pixelwise.ops.paste import covered, grow_inside, part
from pixelwise.ops.upsampled import window_axes

__all__ = ["Masks", "Rows", "best_rows", "masks"]

EDGES = 4
"""Numbers of a box."""


def masks(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network with boxes, coefficients and prototypes.

    Raises:
        ModelError: The model has not the two outputs, or the card asks for another task.
    """
    if card.task is not Task.INSTANCE:
        raise ModelError(f"card {card.name}: masks of things give no {card.task} segmentation")
    places = chosen(card.decoder, outputs)
    if len(places) != 2:
        raise ModelError(
            f"card {card.name}: the model has {len(places)} outputs, not boxes and prototypes"
        )
    if not card.decoder.tensors:  # in the order in which the file names them: boxes are flat
        places = tuple(sorted(places, key=lambda place: len(outputs[place].shape)))
    return Masks(
        card, tuple(outputs), (places[0], places[1]), card.legend_object(), card.classes.tolist()
    )


@dataclass(frozen=True, slots=True)
class Masks:
    """The decoder of one network with prototypes.

    Args:
        card: What it is.
        outputs: What the model file says of all its outputs.
        places: Where boxes and prototypes stand among them.
        legend: The card's legend.
        classes: Legend id of each of the network's classes.
    """

    card: Card
    outputs: tuple[Tensor, ...]
    places: tuple[int, int]
    legend: Legend
    classes: list[int]

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Instances:
        """Return the things.

        Raises:
            ModelError: The outputs are nonsense.
        """
        prototypes = self._prototypes(outputs)
        rows = self._rows(outputs[self.places[0]], prototypes.shape[-1])
        boxes = to_picture(self._spread(rows.boxes, placed), placed.window, placed.size)
        axes = window_axes(prototypes.shape[:2], placed.size, placed.window)
        spec, tensor = self.card.decoder, self.outputs[self.places[1]]
        level = log(spec.mask_threshold) - log1p(-spec.mask_threshold)
        found = []
        for row, box in enumerate(boxes):
            summed = Weighted(prototypes, tensor, rows.coefficients[row])
            place, mask = mask_in_box(summed, box, axes, level)
            own = None if spec.boxes_from_masks else box
            class_id = self.classes[rows.classes[row]]
            found.append(Candidate(class_id, float(rows.scores[row]), place, mask, own))
        kept = one_of_each(found, spec.mask_overlap)
        return instances_of(kept, placed.size, self.legend)

    def _prototypes(self, outputs: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """Return the prototypes as stored, (h, w, K) float32."""
        tensor, values = self.outputs[self.places[1]], outputs[self.places[1]]
        values = values.astype(np.float32) if tensor.scale else real(values, tensor)
        if values.ndim != 4 or values.shape[0] != 1:
            raise ModelError(f"the model's prototypes are {values.shape}, not (1, h, w, K)")
        plane = values[0]
        is_last = self.card.output_layout.value.endswith("C")
        return plane if is_last else np.moveaxis(plane, 0, -1)

    def _rows(self, values: NDArray[Any], depth: int) -> "Rows":
        """Return the candidates that suppression keeps, by falling score."""
        tensor, classes = self.outputs[self.places[0]], len(self.classes)
        wanted = EDGES + classes + depth
        if values.ndim != 3 or values.shape[0] != 1 or wanted not in values.shape[1:]:
            raise ModelError(
                f"the model's boxes are {values.shape}; expected (1, {wanted}, N): 4 edges, "
                f"{classes} classes and {depth} coefficients"
            )
        table = values[0] if values.shape[1] == wanted else values[0].T
        return best_rows(table, tensor, classes, self.card.decoder)

    def _spread(self, boxes: NDArray[np.float32], placed: Placed) -> NDArray[np.float32]:
        """Return the boxes as shares of the input's sides, grown by the margin."""
        spec = self.card.decoder
        if spec.boxes_in_pixels:
            boxes = np.divide(boxes, np.array(placed.input_size[::-1] * 2, np.float32))
        return np.asarray(boxes + np.array([-1, -1, 1, 1]) * spec.margin, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Candidates of one picture, by falling score.

    Args:
        boxes: (N, 4) float32 x0 y0 x1 y1, as the network gives them.
        scores: (N,) float32.
        classes: (N,) index among the network's classes.
        coefficients: (N, K) float32.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.intp]
    coefficients: NDArray[np.float32]


def best_rows(table: NDArray[Any], tensor: Tensor, classes: int, spec: DecoderSpec) -> Rows:
    """Return the rows above the threshold that non-maximum suppression keeps.

    Only the columns that pass the threshold are made real numbers; quantised ones pass it as
    they are stored.

    Args:
        table: (4 + C + K, N) as stored: centre x, centre y, width, height, scores, coefficients.
        tensor: What the model says of it.
        classes: C.
        spec: Thresholds.
    """
    stored = table if tensor.scale else real(table, tensor)
    level = spec.threshold / tensor.scale + tensor.zero if tensor.scale else spec.threshold
    likely = stored[EDGES : EDGES + classes]
    column = np.flatnonzero(likely.max(axis=0) > level) if likely.size else np.zeros(0, np.intp)
    chosen_ones = stored[:, column]
    values = real(chosen_ones, tensor) if column.size else chosen_ones.astype(np.float32)
    scores = values[EDGES : EDGES + classes]
    if spec.multi_label:
        kind, place = np.nonzero(scores > np.float32(spec.threshold))
    else:
        kind, place = scores.argmax(axis=0), np.arange(column.size)
    boxes = corners_of(values[:EDGES, place].T)
    kept = unsuppressed(boxes, scores[kind, place], kind, spec.overlap, most=MOST)
    rest = values[EDGES + classes :, place[kept]].T
    return Rows(boxes[kept], scores[kind, place][kept], kind[kept], np.ascontiguousarray(rest))


def corners_of(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return boxes (N, 4) of centre, width and height as x0 y0 x1 y1.

    >>> corners_of(np.float32([[5, 5, 4, 2]])).tolist()
    [[3.0, 4.0, 7.0, 6.0]]
    """
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """The weighted sum of prototypes, worked out only where it is asked for.

    Args:
        prototypes: (h, w, K) float32, as stored.
        tensor: What the model says of them; None: they are real numbers.
        coefficients: (K,) float32.
    """

    prototypes: NDArray[np.float32]
    tensor: Tensor | None
    coefficients: NDArray[np.float32]

    def inside(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Return the sum in a part of the prototypes, float32."""
        summed = self.prototypes[rows, columns] @ self.coefficients
        tensor = self.tensor
        if tensor is None or not tensor.scale:
            return summed
        zero = np.float32(tensor.zero) * self.coefficients.sum()
        return (summed - zero) * np.float32(tensor.scale)


def mask_in_box(
    summed: Weighted,
    box: NDArray[np.float32],
    axes: tuple[Axis, Axis],
    level: float,
) -> tuple[tuple[int, int], NDArray[np.bool_]]:
    """Return the mask of one thing and the place of its first pixel.

    Args:
        summed: The prototypes and their coefficients.
        box: x0 y0 x1 y1 in pixels of the picture; pixels i with x0 <= i < x1 lie in it.
        axes: Rows and columns of the picture among the prototypes.
        level: The mask is where the sum is above it.
    """
    left, top, right, bottom = box.tolist()
    (y0, y1), (x0, x1) = covered(top, bottom, len(axes[0])), covered(left, right, len(axes[1]))
    if y0 == y1 or x0 == x1:
        return (0, 0), np.zeros((0, 0), bool)
    (rows, down), (columns, along) = part(axes[0], y0, y1), part(axes[1], x0, x1)
    (y, x), mask = grow_inside(summed.inside(down, along), level, rows, columns)
    return (y0 + y, x0 + x), mask

"""Decodes networks of the DETR kind: each query says a class and a mask.

One answer gives classes, things or panoptic segments, as the card's task asks. The rules are
those that the networks are published with, so that the segments are the same; decisions are
taken on the bilinear values at the picture's size, but worked out only where neighbours differ.

Source:
    Carion et al., "End-to-End Object Detection with Transformers", ECCV 2020; Cheng et al.,
    "Masked-attention Mask Transformer", CVPR 2022.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, log1p
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Instances, Legend, Panoptic, Result, Segments, Semantic, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen, real
from pixelwise.methods.deep.placing import Decoder, Placed
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops.areas import areas_from
from pixelwise.ops.axes import Axis
from pixelwise.ops.boxes import boxes_of
from pixelwise.ops.grow import repeated, threshold, winner
from pixelwise.ops.paste import grow_sparse, tight
from pixelwise.ops.upsampled import Upsampled, sigmoid, softmax, window_axes

__all__ = ["Queries", "queries"]

F32 = NDArray[np.float32]


def queries(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network of queries.

    Raises:
        ModelError: The model has not the two outputs, or the card asks for another task.
    """
    if card.task not in _ROADS:
        raise ModelError(f"card {card.name}: queries give no {card.task} segmentation")
    places = chosen(card.decoder, outputs)
    if not card.decoder.tensors:
        classes = [place for place in places if len(outputs[place].shape) == 3]
        masks = [place for place in places if len(outputs[place].shape) == 4]
        places = (*classes[:1], *masks[:1])
    if len(places) != 2:
        raise ModelError(
            f"card {card.name}: expected class logits (1, Q, C) and mask logits (1, Q, h, w); "
            f"the model gives {', '.join(str(tensor.shape) for tensor in outputs)}"
        )
    return Queries(card, tuple(outputs), (places[0], places[1]), card.legend_object())


@dataclass(frozen=True, slots=True)
class Queries:
    """The decoder of one network of queries.

    Args:
        card: What it is.
        outputs: What the model file says of all its outputs.
        places: Where class and mask logits stand among them.
        legend: The card's legend.
    """

    card: Card
    outputs: tuple[Tensor, ...]
    places: tuple[int, int]
    legend: Legend

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Result:
        """Return classes, things or segments.

        Raises:
            ModelError: The outputs are nonsense.
        """
        logits, masks = (real(outputs[place], self.outputs[place]) for place in self.places)
        if logits.ndim != 3 or masks.ndim != 4 or logits.shape[:2] != masks.shape[:2]:
            raise ModelError(
                f"the model answered {logits.shape} and {masks.shape}, not class logits "
                "(1, Q, C) and mask logits (1, Q, h, w)"
            )
        if placed.starts:
            return self._joined(logits, masks, placed)
        if len(logits) != 1:
            raise ModelError(f"the model answered for {len(logits)} pictures instead of one")
        return _ROADS[self.card.task](self, self._likely(logits[0]), masks[0], placed)

    def _likely(self, logits: F32) -> F32:
        """Return the probability of each of the card's classes for each query, (Q, C).

        One column more than the card has classes is "nothing": probabilities add up to one with
        it, and it stays the last column. Else each class is asked for by itself.
        """
        classes = len(self.card.classes)
        scaled = logits / np.float32(self.card.decoder.temperature)
        if logits.shape[1] == classes + 1:
            return np.moveaxis(softmax(np.moveaxis(scaled, -1, 0)), 0, -1)
        if logits.shape[1] == classes:
            return sigmoid(scaled)
        raise ModelError(
            f"the model has {logits.shape[1]} classes, the card {classes} (and one for nothing)"
        )

    def _panoptic(self, likely: F32, masks: F32, placed: Placed) -> Panoptic:
        """Return the segments of the queries that are sure of a class, where they win."""
        spec, classes = self.card.decoder, self.card.classes
        column, score = likely.argmax(axis=1), likely.max(axis=1)
        sure = (score > spec.threshold) & (column < len(classes))
        sure[sure] = classes[column[sure]] >= 0
        kept = np.flatnonzero(sure)
        if not kept.size:
            none = np.zeros(placed.size, np.int32)
            return Panoptic(none, Segments.empty(), self.legend)
        weighted = _probabilities(masks[kept], spec.via) * score[kept]
        rows, columns = window_axes(weighted.shape[:2], placed.size, placed.window)
        owner = winner(weighted, np.arange(len(kept), dtype=np.int32), rows, columns)
        own = seen = np.bincount(owner.reshape(-1), minlength=len(kept))
        if spec.inside:
            owner, whole = self._claimed(owner, masks[kept], placed)
            seen = np.bincount(owner.reshape(-1), minlength=len(kept))[: len(kept)]
        else:
            whole = areas_from(weighted, spec.mask_threshold, rows, columns)
        valid = (seen > 0) & (whole > 0) & (own > spec.min_visible * whole)
        return self._segments(owner, classes[column[kept]], score[kept], valid)

    def _claimed(
        self, owner: NDArray[np.int32], masks: F32, placed: Placed
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return who owns what its own mask claims, Q where nobody, and the masks' areas (Q,)."""
        spec, nobody = self.card.decoder, len(masks)
        level = log(spec.mask_threshold) - log1p(-spec.mask_threshold)
        claimed = np.full(owner.shape, nobody, np.int32)
        whole = np.zeros(nobody, np.int64)
        for query in np.unique(owner).tolist():
            plane = _through(masks[query][..., np.newaxis], spec.via)[..., 0]
            axes = window_axes(plane.shape, placed.size, placed.window)
            inside = threshold(np.ascontiguousarray(plane), level, *axes)
            whole[query] = np.count_nonzero(inside)
            claimed[inside & (owner == query)] = query
        return claimed, whole

    def _segments(
        self,
        owner: NDArray[np.int32],
        classes: NDArray[np.int32],
        scores: F32,
        valid: NDArray[np.bool_],
    ) -> Panoptic:
        """Return the segments of the valid queries; all queries of one stuff class are one."""
        numbers = np.zeros(len(classes) + 1, np.int32)  # the last is nobody's
        found: list[tuple[int, float]] = []
        stuff: dict[int, int] = {}
        for query in np.flatnonzero(valid):
            class_id = int(classes[query])
            numbers[query] = stuff.get(class_id, len(found) + 1)
            if numbers[query] > len(found):
                found.append((class_id, float(scores[query])))
            if not self.legend[class_id].is_thing:
                stuff[class_id] = int(numbers[query])
        labels = numbers[owner]
        areas = np.bincount(labels.reshape(-1), minlength=len(found) + 1)[1:]
        table = Segments.of(
            [class_id for class_id, _ in found],
            score=np.clip([score for _, score in found], 0, 1),
            area=areas,
        )
        return Panoptic(labels, _boxed(table, labels), self.legend)

    def _instances(self, likely: F32, masks: F32, placed: Placed) -> Instances:
        """Return the best pairs of query and class, as many as there are queries."""
        spec, classes = self.card.decoder, self.card.classes
        with_nothing = likely.shape[1] > len(classes)
        likely = likely[:, : len(classes)]
        best = np.argsort(-likely.reshape(-1), kind="stable")[: len(likely)]
        found = []
        for query, column in zip(*np.divmod(best, likely.shape[1]), strict=True):
            score, class_id = float(likely[query, column]), int(classes[column])
            if class_id < 0 or score <= spec.threshold:
                continue
            if with_nothing:  # such networks weigh the class with how sure the mask is
                plane = _through(masks[query][..., np.newaxis], spec.via)[..., 0]
                score *= _sureness(plane)
                if score < spec.threshold:
                    continue
            place, mask = self._mask(masks[query], placed)
            found.append(Candidate(class_id, score, place, mask))
        return instances_of(found, placed.size, self.legend)

    def _mask(self, logits: F32, placed: Placed) -> tuple[tuple[int, int], NDArray[np.bool_]]:
        """Return where a query's mask is, at the picture's size."""
        if not self.card.decoder.via:
            axes = window_axes(logits.shape, placed.size, placed.window)
            return grow_sparse(logits, 0.0, *axes)
        above = _through(logits[..., np.newaxis], self.card.decoder.via)[..., 0] > 0
        rows, columns = (
            _first_corner(length, pixels)
            for length, pixels in zip(above.shape, placed.size, strict=True)
        )
        return tight(repeated(above, rows, columns))

    def _semantic(self, likely: F32, masks: F32, placed: Placed) -> Semantic:
        """Return the classes for which the most, and the surest, queries speak."""
        return self._classes(self._scores(likely, masks, self.card.decoder.via), placed)

    def _joined(self, logits: F32, masks: F32, placed: Placed) -> Semantic:
        """Return the classes by the mean of what the windows of a picture say.

        Raises:
            ModelError: The task is another one, for which windows cannot be joined, or the
                answers are not one a window.
        """
        if self.card.task is not Task.SEMANTIC or len(logits) != len(placed.starts):
            raise ModelError(
                f"the model answered for {len(logits)} windows instead of {len(placed.starts)}, or "
                f"is asked for {self.card.task}; windows are joined for classes only"
            )
        side, down = min(placed.input_size), placed.input_size[0] > placed.input_size[1]
        total = np.zeros((*placed.input_size, len(self.card.classes)), np.float32)
        for start, row, planes in zip(placed.starts, logits, masks, strict=True):
            part = total[start : start + side] if down else total[:, start : start + side]
            part += self._scores(self._likely(row), planes, (side, side))
        seen = np.zeros(max(placed.input_size), np.float32)
        for start in placed.starts:
            seen[start : start + side] += 1
        return self._classes(total / (seen[:, None, None] if down else seen[:, None]), placed)

    def _scores(self, likely: F32, masks: F32, size: tuple[int, ...]) -> F32:
        """Return how much the queries speak for each class, (h, w, C)."""
        return _probabilities(masks, size) @ likely[:, : len(self.card.classes)]

    def _classes(self, scores: F32, placed: Placed) -> Semantic:
        """Return the class with the best score (h, w, C) at each pixel of the picture."""
        classes = self.card.classes
        axes: tuple[Axis, Axis] = window_axes(scores.shape[:2], placed.size, placed.window)
        ids = np.where(classes < 0, self.legend.void, classes).astype(np.int32)
        labels = winner(scores, ids, *axes)
        if self.card.decoder.class_ids:
            return Semantic(labels, self.legend)
        total = np.maximum(scores.sum(axis=-1), np.finfo(np.float32).tiny)
        plane = np.moveaxis(scores, -1, 0) / total
        return Semantic(labels, self.legend, Upsampled(plane, placed.size, placed.window))


def _through(logits: F32, size: tuple[int, ...]) -> F32:
    """Return (h, w, Q) logits grown to an intermediate size, where the network wants one."""
    if not size or logits.shape[:2] == size:
        return logits
    grown = cv2.resize(logits, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown, np.float32).reshape(*size, logits.shape[2])


def _probabilities(masks: F32, size: tuple[int, ...]) -> F32:
    """Return mask logits (Q, h, w) as probabilities (h', w', Q)."""
    planes = np.ascontiguousarray(np.moveaxis(masks, 0, -1))
    return sigmoid(_through(planes, size))


def _sureness(logits: F32) -> float:
    """Return the mean probability of a mask's own pixels, 0 where there are none."""
    inside = logits[logits > 0]
    return float(sigmoid(inside).sum() / (inside.size + 1e-6))


def _first_corner(length: int, pixels: int) -> NDArray[np.intp]:
    """Return the sample in which the first corner of each pixel lies: torch's rule for nearest."""
    places = np.arange(pixels, dtype=np.float32) * np.float32(length / pixels)
    return np.minimum(places.astype(np.intp), length - 1)


def _boxed(table: Segments, labels: NDArray[np.int32]) -> Segments:
    """Return the table with the boxes of the map."""
    boxes = np.zeros((len(table), 4), np.float32)
    for row, found in enumerate(boxes_of(labels, table.id)):
        if found is not None:
            down, along = found
            boxes[row] = (along.start, down.start, along.stop, down.stop)
    return table.with_columns(box=boxes)


_ROADS: dict[Task, Callable[[Queries, F32, F32, Placed], Result]] = {
    Task.PANOPTIC: Queries._panoptic,  # noqa: SLF001 - this class's own
    Task.INSTANCE: Queries._instances,  # noqa: SLF001
    Task.SEMANTIC: Queries._semantic,  # noqa: SLF001
}

"""Decodes networks that answer for every pixel: probabilities, logits, ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, Grow, Holds
from pixelwise.core import Foreground, Legend, Result, Semantic, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen, flat_plane, ids_plane, planes, real
from pixelwise.methods.deep.placing import Decoder, Placed
from pixelwise.methods.deep.uncertainty import tempered
from pixelwise.ops.axes import Axis, corners, nearest
from pixelwise.ops.grow import repeated, threshold, winner
from pixelwise.ops.upsampled import Decided, Upsampled, sigmoid, softmax, window_axes

__all__ = ["Dense", "dense"]

SINGLE = (Holds.PROBABILITY, Holds.LOGIT, Holds.SALIENCY, Holds.ALPHA)


def dense(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a dense network.

    Raises:
        ModelError: The model has not the outputs that the card names, or the card asks for
            something that no dense answer gives.
    """
    if card.task not in (Task.FOREGROUND, Task.SEMANTIC):
        raise ModelError(f"card {card.name}: a dense answer gives no {card.task} segmentation")
    if card.task is Task.FOREGROUND and card.decoder.holds is Holds.HEADS:
        raise ModelError(f"card {card.name}: several heads are several classes, not a foreground")
    return Dense(card, tuple(outputs), chosen(card.decoder, outputs), card.legend_object())


@dataclass(frozen=True, slots=True)
class Dense:
    """The decoder of one dense network.

    Args:
        card: What it is.
        outputs: What the model file says of all its outputs.
        places: Which of them count.
        legend: The card's legend.
    """

    card: Card
    outputs: tuple[Tensor, ...]
    places: tuple[int, ...]
    legend: Legend

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Result:
        """Return the foreground or the classes.

        Raises:
            ModelError: The outputs are nonsense.
        """
        holds = self.card.decoder.holds
        if self.card.task is Task.FOREGROUND:
            return self._foreground(self._probability(outputs, holds), placed)
        return _ROADS[holds](self, outputs, placed)

    def _values(self, outputs: Sequence[NDArray[Any]], number: int = 0) -> NDArray[np.float32]:
        place = self.places[number]
        return real(outputs[place], self.outputs[place])

    def _channels(self, outputs: Sequence[NDArray[Any]], number: int = 0) -> NDArray[np.float32]:
        spec = self.card.decoder
        return planes(self._values(outputs, number), spec, self.card.output_layout)

    def _single(self, outputs: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        return flat_plane(self._values(outputs), self.card.decoder, self.card.output_layout)

    def _probability(self, outputs: Sequence[NDArray[Any]], holds: Holds) -> NDArray[np.float32]:
        """Return the foreground's probability (h, w) at the model's size."""
        match holds:
            case Holds.PROBABILITY:
                return self._true(self._single(outputs))
            case Holds.ALPHA:
                return self._single(outputs)
            case Holds.LOGIT:
                return sigmoid(self._single(outputs) / np.float32(self.card.decoder.temperature))
            case Holds.SALIENCY:
                return spread(self._single(outputs), self.card.decoder.threshold)
            case Holds.IDS:
                return (self._ids(outputs) != self.legend.ids[0]).astype(np.float32)
            case _:
                probabilities = self._probabilities(self._channels(outputs))
                return np.ascontiguousarray(1 - probabilities[..., 0])

    def _true(self, probability: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the foreground's probability by the card's temperature."""
        by = self.card.decoder.temperature
        return probability if by == 1 else tempered(np.stack([1 - probability, probability]), by)[1]

    def _foreground(self, probability: NDArray[np.float32], placed: Placed) -> Foreground:
        rows, columns = self._axes(probability.shape, placed)
        mask = Decided(probability, self.card.decoder.threshold, rows, columns)
        alpha = Upsampled(probability, placed.size, placed.window)
        return Foreground(mask, alpha, legend=self.legend)

    def _from_single(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Semantic:
        """Return two classes: the second one where the first channel is above the threshold."""
        probability = self._probability(outputs, self.card.decoder.holds)
        found = self._foreground(probability, placed).mask
        first, second = (int(label) for label in self._classes(2))
        scores = np.stack([1 - probability, probability])
        labels = np.where(found, np.int32(second), np.int32(first))
        return Semantic(labels, self.legend, self._plane(scores, placed))

    def _from_channels(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Semantic:
        channels = self._channels(outputs)
        classes = self._classes(channels.shape[-1])
        rows, columns = self._axes(channels.shape[:2], placed)
        labels = winner(channels, classes, rows, columns)
        if self.card.decoder.class_ids:
            scores = np.moveaxis(self._probabilities(channels), -1, 0)
            plane = self._plane(self._in_order(scores), placed)
            return Semantic.of_ids(labels, classes, self.legend, plane)
        is_logits = self.card.decoder.holds is Holds.LOGITS
        if self.card.decoder.temperature != 1:
            channels, is_logits = self._probabilities(channels), False
        plane = Upsampled(
            np.moveaxis(channels, -1, 0), placed.size, placed.window, activate=is_logits
        )
        return Semantic.of_ids(labels, classes, self.legend, plane)

    def _from_ids(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Semantic:
        ids = self._ids(outputs)
        window, (height, width) = placed.window, ids.shape
        rows = nearest(height, placed.size[0], window.top * height, window.bottom * height)
        columns = nearest(width, placed.size[1], window.left * width, window.right * width)
        labels = repeated(ids, rows, columns)
        return Semantic.of_ids(labels, self._voided(self.card.classes), self.legend)

    def _from_heads(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Semantic:
        """Return a class for each head, later heads above earlier ones, the first below all."""
        if len(self.places) + 1 != len(self.legend):
            raise ModelError(
                f"{len(self.places)} heads do not make the {len(self.legend)} classes of the card"
            )
        labels = np.full(placed.size, self.legend.ids[0], np.int32)
        likely = []
        for number, label in enumerate(self.legend.ids[1:]):
            channels = self._channels(outputs, number)
            if channels.shape[-1] != 2:
                raise ModelError(f"a head has {channels.shape[-1]} channels instead of two")
            lead = channels[..., 1] - channels[..., 0]
            labels[threshold(lead, 0.0, *self._axes(lead.shape, placed))] = label
            likely.append(sigmoid(lead))
        scores = np.stack([1 - np.max(likely, axis=0), *likely])
        return Semantic(labels, self.legend, self._plane(scores, placed))

    def _ids(self, outputs: Sequence[NDArray[Any]]) -> NDArray[np.int32]:
        """Return the legend's ids (h, w) at the model's size."""
        values = ids_plane(outputs[self.places[0]], self.card.decoder, self.card.output_layout)
        classes = self.card.classes
        if values.min() < 0 or values.max() >= len(classes):
            raise ModelError(
                f"the model answers ids {values.min()} to {values.max()}, the card has "
                f"{len(classes)} classes"
            )
        return self._voided(classes)[values]

    def _classes(self, channels: int) -> NDArray[np.int32]:
        """Return the legend's id of each channel, void for those that the card ignores."""
        classes = self.card.classes
        if len(classes) != channels:
            raise ModelError(f"the model has {channels} channels, the card {len(classes)} classes")
        return self._voided(classes)

    def _voided(self, classes: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(classes < 0, self.legend.void, classes).astype(np.int32)

    def _probabilities(self, channels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the classes' probabilities (h, w, C)."""
        self._classes(channels.shape[-1])
        if self.card.decoder.holds is Holds.PROBABILITIES:
            by = self.card.decoder.temperature
            first = np.moveaxis(channels, -1, 0)
            return channels if by == 1 else np.moveaxis(tempered(first, by), 0, -1)
        scaled = channels / np.float32(self.card.decoder.temperature)
        return np.moveaxis(softmax(np.moveaxis(scaled, -1, 0)), 0, -1)

    def _in_order(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (C, h, w) in the legend's order; classes that the network lacks are 0."""
        made = np.zeros((len(self.legend), *scores.shape[1:]), np.float32)
        place = {int(label): number for number, label in enumerate(self.legend.ids)}
        for channel, label in enumerate(self.card.classes.tolist()):
            if label in place:
                made[place[label]] += scores[channel]
        return made

    def _plane(self, scores: NDArray[np.float32], placed: Placed) -> Upsampled:
        return Upsampled(scores, placed.size, placed.window)

    def _axes(self, shape: tuple[int, ...], placed: Placed) -> tuple[Axis, Axis]:
        if self.card.decoder.grow is Grow.CORNERS and placed.window.is_whole:
            return corners(shape[0], placed.size[0]), corners(shape[1], placed.size[1])
        return window_axes(shape, placed.size, placed.window)


def spread(values: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """Return a map without a scale brought to 0..1 by its least and greatest value.

    A map that already lies in 0..1 and stays below ``level`` is left as it is: nothing was
    found, and stretching it would find something.

    >>> spread(np.float32([0.0, 0.1]), 0.5).tolist()
    [0.0, 0.10000000149011612]
    >>> spread(np.float32([-3.0, 1.0]), 0.5).tolist()
    [0.0, 1.0]
    """
    low, high = float(values.min()), float(values.max())
    if (low >= 0 and high < level) or high <= low:
        return np.clip(values, 0, 1)
    return (values - np.float32(low)) / np.float32(high - low)


_ROADS: dict[Holds, Callable[[Dense, Sequence[NDArray[Any]], Placed], Semantic]] = {
    **dict.fromkeys(SINGLE, Dense._from_single),  # noqa: SLF001 - this class's own
    Holds.LOGITS: Dense._from_channels,  # noqa: SLF001
    Holds.PROBABILITIES: Dense._from_channels,  # noqa: SLF001
    Holds.IDS: Dense._from_ids,  # noqa: SLF001
    Holds.HEADS: Dense._from_heads,  # noqa: SLF001
}

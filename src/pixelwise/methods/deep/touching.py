"""Decodes networks that give classes and planes by which things that touch come apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, DecoderSpec
from pixelwise.core import Instances, Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen, planes, real
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops.boxes import boxes_of
from pixelwise.ops.grow import bilinear
from pixelwise.ops.upsampled import softmax, window_axes

__all__ = ["Parting", "Touching", "touching"]

Parting = Callable[[NDArray[np.float32], NDArray[np.bool_], DecoderSpec], NDArray[np.int32]]
"""Planes (k, H, W) and where things are (H, W) -> a number for each thing, 0 outside."""


def touching(card: Card, outputs: Sequence[Tensor], count: int, part: Parting) -> "Touching":
    """Return the decoder of a network with classes and planes beside them.

    Args:
        card: What it is.
        outputs: What the model file says of its outputs.
        count: Planes beside the classes.
        part: How they part the things.

    Raises:
        ModelError: The model lacks the output, or the card asks for another task.
    """
    if card.task is not Task.INSTANCE:
        raise ModelError(f"card {card.name}: things that touch give no {card.task} segmentation")
    place = chosen(card.decoder, outputs)[0]
    return Touching(card, tuple(outputs), place, card.legend_object(), count, part)


@dataclass(frozen=True, slots=True)
class Touching:
    """The decoder of one network with classes and planes beside them.

    Args:
        card: What it is.
        outputs: What the model file says of its outputs.
        place: Which of them counts: a score for each class, the background first, and the
            planes.
        legend: The card's legend.
        count: Planes beside the classes.
        part: How they part the things.
    """

    card: Card
    outputs: tuple[Tensor, ...]
    place: int
    legend: Legend
    count: int
    part: Parting

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Instances:
        """Return the things.

        Raises:
            ModelError: The output is nonsense.
        """
        spec, classes = self.card.decoder, self.card.classes
        values = real(outputs[self.place], self.outputs[self.place])
        channels = np.moveaxis(planes(values, spec, self.card.output_layout), -1, 0)
        if len(channels) != len(classes) + self.count:
            raise ModelError(
                f"the model has {len(channels)} channels, the card {len(classes)} classes and "
                f"{self.count} for {spec.name}"
            )
        grown = _of_picture(channels, placed)
        shares = softmax(grown[: len(classes)] / np.float32(spec.temperature))
        mask = np.asarray(1 - shares[0] > np.float32(spec.threshold))
        labels = self.part(grown[len(classes) :], mask, spec)
        return instances_of(self._things(labels, shares), placed.size, self.legend)

    def _things(self, labels: NDArray[np.int32], shares: NDArray[np.float32]) -> list[Candidate]:
        """Return the things of a label map, each of the class that most of it speaks for."""
        count = int(labels.max(initial=0))
        found = []
        for number, box in enumerate(boxes_of(labels, np.arange(1, count + 1)), start=1):
            if box is None:
                continue
            mask = labels[box] == number
            if np.count_nonzero(mask) < max(1, self.card.decoder.min_area):
                continue
            votes = shares[(slice(None), *box)][:, mask].mean(axis=1)
            best = 1 + int(votes[1:].argmax())
            origin = (box[0].start, box[1].start)
            score = float(1 - votes[0])
            found.append(Candidate(int(self.card.classes[best]), score, origin, mask))
        return found


def _of_picture(channels: NDArray[np.float32], placed: Placed) -> NDArray[np.float32]:
    """Return the channels (C, h, w) at the picture's size; padding is only cut off."""
    height, width = placed.size
    window = placed.window
    same = (
        channels.shape[1:] == placed.input_size
        and round(window.bottom * placed.input_size[0]) == height
        and round(window.right * placed.input_size[1]) == width
        and window.top == window.left == 0
    )
    if same:
        return channels[:, :height, :width]
    axes = window_axes(channels.shape[1:], placed.size, window)
    return np.stack([bilinear(np.ascontiguousarray(plane), *axes) for plane in channels])

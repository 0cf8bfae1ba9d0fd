"""Decodes networks that say for each pixel its class and how deep it lies in its thing.

Middles of things are where the depth is great; water that rises from them in the foreground parts
things that touch.

Source:
    P. Naylor et al., "Segmentation of Nuclei in Histopathology Images by Deep Regression of the
    Distance Map", IEEE TMI 38(2), 2019.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Instances, Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.answers import chosen, planes, real
from pixelwise.methods.deep.placing import Decoder, Placed
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops.boxes import boxes_of
from pixelwise.ops.components import components
from pixelwise.ops.graphs.watershed import watershed
from pixelwise.ops.grow import bilinear
from pixelwise.ops.upsampled import softmax, window_axes

__all__ = ["Depths", "depths", "parted"]

LEVELS = 255
"""Steps of depth in which water rises: bytes flood faster than floats."""


def depths(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network with classes and depths.

    Raises:
        ModelError: The model lacks the output, or the card asks for another task.
    """
    if card.task is not Task.INSTANCE:
        raise ModelError(f"card {card.name}: classes and depths give no {card.task} segmentation")
    return Depths(card, tuple(outputs), chosen(card.decoder, outputs)[0], card.legend_object())


@dataclass(frozen=True, slots=True)
class Depths:
    """The decoder of one network with classes and depths.

    Args:
        card: What it is.
        outputs: What the model file says of its outputs.
        place: Which of them counts: a score for each class, the background first, and the depth.
        legend: The card's legend.
    """

    card: Card
    outputs: tuple[Tensor, ...]
    place: int
    legend: Legend

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed) -> Instances:
        """Return the things.

        Raises:
            ModelError: The output is nonsense.
        """
        spec, classes = self.card.decoder, self.card.classes
        values = real(outputs[self.place], self.outputs[self.place])
        channels = np.moveaxis(planes(values, spec, self.card.output_layout), -1, 0)
        if len(channels) != len(classes) + 1:
            raise ModelError(
                f"the model has {len(channels)} channels, the card {len(classes)} classes and one "
                "depth"
            )
        grown = _of_picture(channels, placed)
        shares = softmax(grown[:-1] / np.float32(spec.temperature))
        mask = np.asarray(1 - shares[0] > np.float32(spec.threshold))
        labels = parted(grown[-1], mask, spec.seed_depth)
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


def parted(depth: NDArray[np.float32], mask: NDArray[np.bool_], level: float) -> NDArray[np.int32]:
    """Return a number for each thing: 1.. in the mask, 0 outside.

    Args:
        depth: (H, W) float32, 1 in the middle of a thing, 0 at its rim.
        mask: (H, W) bool, where things are.
        level: Depth above which a middle lies; parts of the mask without one are a thing each.

    >>> parted(np.float32([[0.2, 0.9, 0.3, 0.8, 0.1]]), np.ones((1, 5), bool), 0.5).tolist()
    [[1, 1, 1, 2, 2]]
    """
    middles, count = components(mask & (depth > np.float32(level)), diagonal=False)
    relief = np.rint((1 - depth.clip(0, 1)) * LEVELS).astype(np.uint8)
    labels = watershed(relief, middles, mask=mask)
    rest, _ = components(mask & (labels == 0))
    return np.where(rest > 0, rest + count, labels).astype(np.int32)


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

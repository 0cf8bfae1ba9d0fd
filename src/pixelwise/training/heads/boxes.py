"""Teaches networks of the Mask R-CNN kind: a box, a class and a small mask for each thing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from pixelwise.cards import AnswerShape, DecoderSpec
from pixelwise.core import Task
from pixelwise.ops.boxes import boxes_of
from pixelwise.training.patches import Patch
from pixelwise.training.plan import Plan

__all__ = ["BOXES", "Boxed", "Boxes"]

LEAST = 9
"""Pixels of the smallest thing that is taught; less is what a patch's border left over."""


class Boxes:
    """Teaches torchvision's detectors by their own losses."""

    def tensors(self, patches: Sequence[Patch], plan: Plan) -> dict[str, Any]:  # noqa: ARG002
        """Return ``pixels`` and a table of things for each picture."""
        pixels = np.stack([np.moveaxis(patch.pixels, -1, 0) for patch in patches])
        return {"pixels": torch.from_numpy(pixels), "things": [things_of(one) for one in patches]}

    def loss(self, net: nn.Module, batch: dict[str, Any], plan: Plan) -> torch.Tensor:  # noqa: ARG002
        """Return the sum of the network's losses."""
        losses = net(list(batch["pixels"]), batch["things"])
        total: torch.Tensor = sum(losses.values(), start=batch["pixels"].new_zeros(()))
        return total

    def exported(self, net: nn.Module) -> nn.Module:
        """Return the network for a batch of one, with its answers in order."""
        return Boxed(net)

    def answers(self) -> tuple[str, ...]:
        """Return the names of the answers."""
        return ("boxes", "labels", "scores", "masks")

    def task(self, plan: Plan) -> Task:  # noqa: ARG002 - the port
        """Return what the results are."""
        return Task.INSTANCE

    def decoder(self, plan: Plan) -> DecoderSpec:  # noqa: ARG002 - the port
        """Return how the answer becomes a result."""
        return DecoderSpec(name=AnswerShape.BOXES, mask_overlap=0.5)


BOXES = Boxes()


class Boxed(nn.Module):
    """A detector of torchvision for one picture.

    Args:
        net: The detector; it takes a list of pictures.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return boxes (N, 4), labels (N,), scores (N,) and masks (N, 1, m, m)."""
        row = self.net([pixels[0]])[0]
        return row["boxes"], row["labels"], row["scores"], row["masks"]


def things_of(patch: Patch) -> dict[str, torch.Tensor]:
    """Return boxes (N, 4) float32, labels (N,) int64 and masks (N, h, w) uint8 of a patch."""
    shown = np.where(patch.classes[patch.numbers] > 0, patch.numbers, 0)
    numbers, counts = np.unique(shown[shown > 0], return_counts=True)
    numbers = numbers[counts >= LEAST]
    places = boxes_of(shown, numbers)
    boxes = [(x.start, y.start, x.stop, y.stop) for y, x in places]  # type: ignore[misc]
    masks = shown[np.newaxis] == numbers[:, np.newaxis, np.newaxis]
    return {
        "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        "labels": torch.from_numpy(patch.classes[numbers].astype(np.int64)),
        "masks": torch.from_numpy(masks.astype(np.uint8)),
    }

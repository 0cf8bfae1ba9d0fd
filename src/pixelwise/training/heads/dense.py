"""Teaches networks that answer for every pixel: classes, and how deep it lies in its thing."""

from collections.abc import Sequence
from typing import Any

import edt
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixelwise.cards import AnswerShape, DecoderSpec, Holds
from pixelwise.core import Task
from pixelwise.training.losses import dense_loss
from pixelwise.training.patches import Patch
from pixelwise.training.plan import Head, Plan

__all__ = ["DENSE", "Dense", "depth_of"]


class Dense:
    """Teaches a score for each class, and for ``distance`` the depth."""

    def tensors(self, patches: Sequence[Patch], plan: Plan) -> dict[str, torch.Tensor]:
        """Return ``pixels``, ``targets`` and, where it is taught, ``depth``."""
        pixels = np.stack([np.moveaxis(patch.pixels, -1, 0) for patch in patches])
        targets = np.stack([patch.classes[patch.numbers] for patch in patches])
        made = {
            "pixels": torch.from_numpy(pixels),
            "targets": torch.from_numpy(targets.astype(np.int64)),
        }
        if plan.depths:
            depth = np.stack([depth_of(patch.numbers) for patch in patches])
            made["depth"] = torch.from_numpy(depth)
        return made

    def loss(self, net: nn.Module, batch: dict[str, torch.Tensor], plan: Plan) -> torch.Tensor:
        """Return the loss of one batch."""
        return dense_loss(net(batch["pixels"]), batch, plan)

    def exported(self, net: nn.Module) -> nn.Module:
        """Return the network as it is."""
        return net

    def answers(self) -> tuple[str, ...]:
        """Return the name of the one answer."""
        return ("answer",)

    def task(self, plan: Plan) -> Task:
        """Return what the results are."""
        if plan.head is Head.DISTANCE:
            return Task.INSTANCE
        pair = len(plan.classes) == 2 and not plan.void and plan.axes == 2
        return Task.FOREGROUND if pair else Task.SEMANTIC

    def decoder(self, plan: Plan) -> DecoderSpec:
        """Return how the answer becomes a result."""
        if plan.head is Head.DISTANCE:
            return DecoderSpec(name=AnswerShape.DEPTHS, holds=Holds.LOGITS)
        return DecoderSpec(name=AnswerShape.DENSE, holds=Holds.LOGITS)


DENSE = Dense()


def depth_of(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return how deep each pixel lies in its thing: 1 in the middle, near 0 at its rim.

    >>> depth_of(np.array([[0, 1, 1, 1, 0]])).tolist()
    [[0.0, 0.5, 1.0, 0.5, 0.0]]
    """
    labels = np.ascontiguousarray(numbers, np.uint32)
    depth = edt.edt(labels, black_border=False)
    depth[~np.isfinite(depth)] = 1  # a thing that fills the patch
    most = np.ones(int(labels.max()) + 1, np.float32)
    np.maximum.at(most, labels.reshape(-1), depth.reshape(-1))
    return np.asarray(depth / most[labels], np.float32)

"""Teaches networks that answer for every pixel: classes, and planes by which things come apart."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from pixelwise.cards import AnswerShape, DecoderSpec, Holds
from pixelwise.core import Task
from pixelwise.training.heads.distances import depth_of, gaps_of
from pixelwise.training.heads.flows import flow_of
from pixelwise.training.losses import dense_loss
from pixelwise.training.patches import Patch
from pixelwise.training.plan import Head, Plan

__all__ = ["DENSE", "Dense"]

PLANES = {Head.DISTANCE: depth_of, Head.FLOWS: flow_of}
"""What a head teaches beside the classes: numbers (H, W) -> planes (k, H, W)."""

SHAPES = {Head.DISTANCE: AnswerShape.DEPTHS, Head.FLOWS: AnswerShape.FLOWS}
"""What decodes it."""


class Dense:
    """Teaches a score for each class, and the planes of the head."""

    def tensors(self, patches: Sequence[Patch], plan: Plan) -> dict[str, torch.Tensor]:
        """Return ``pixels``, ``targets`` and, where they are taught, ``planes`` and ``gaps``."""
        pixels = np.stack([np.moveaxis(patch.pixels, -1, 0) for patch in patches])
        targets = np.stack([patch.classes[patch.numbers] for patch in patches])
        made = {
            "pixels": torch.from_numpy(pixels),
            "targets": torch.from_numpy(targets.astype(np.int64)),
        }
        if plan.head in PLANES:
            planes = [PLANES[plan.head](patch.numbers) for patch in patches]
            made["planes"] = torch.from_numpy(np.stack(planes))
        if plan.boundary:
            gaps = [gaps_of(one, len(plan.classes)) for one in targets]
            made["gaps"] = torch.from_numpy(np.stack(gaps))
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
        if plan.head in PLANES:
            return Task.INSTANCE
        pair = len(plan.classes) == 2 and not plan.void and plan.axes == 2
        return Task.FOREGROUND if pair else Task.SEMANTIC

    def decoder(self, plan: Plan) -> DecoderSpec:
        """Return how the answer becomes a result."""
        shape = SHAPES.get(plan.head, AnswerShape.DENSE)
        return DecoderSpec(name=shape, holds=Holds.LOGITS)


DENSE = Dense()

"""The loop's own part: one step, the rate by step, the averaged weights."""

import math
from copy import deepcopy
from typing import Any

import lightning
import torch
from torch import nn

from pixelwise.training.heads import HEADS
from pixelwise.training.nets import NETS
from pixelwise.training.plan import Plan

__all__ = ["Learner"]


class Learner(lightning.LightningModule):
    """Network, averaged network and optimiser of one run.

    Everything that a step does follows from its number, so a run that goes on from a checkpoint
    does what it would have done.

    Args:
        plan: Every choice.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        torch.manual_seed(plan.seed)
        self.net: nn.Module = NETS[plan.net](plan)
        if plan.axes == 2:
            self.net = self.net.to(memory_format=torch.channels_last)
        self.averaged = deepcopy(self.net).requires_grad_(False).eval()  # noqa: FBT003
        self.step = 0
        self.optimiser_state: dict[str, Any] | None = None
        self.losses: list[float] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW; normalisation and biases are not decayed."""
        plain = [part for part in self.net.parameters() if part.ndim < 2]
        decayed = [part for part in self.net.parameters() if part.ndim >= 2]
        groups = [
            {"params": decayed, "weight_decay": self.plan.decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        made = torch.optim.AdamW(groups, lr=self.plan.rate)
        if self.optimiser_state is not None:
            made.load_state_dict(self.optimiser_state)
        return made

    def on_train_start(self) -> None:
        """Keep the averaged network in evaluation."""
        self.averaged.eval()

    def on_train_batch_start(self, *_: object) -> None:
        """Set what depends on the step's number: the rate, and what the network itself draws."""
        torch.manual_seed(self.plan.seed * 1_000_003 + self.step)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate_at(self.step, self.plan)

    def training_step(self, batch: dict[str, Any]) -> torch.Tensor:
        """Return the loss of one step."""
        if self.plan.axes == 2:
            batch["pixels"] = batch["pixels"].contiguous(memory_format=torch.channels_last)
        loss: torch.Tensor = HEADS[self.plan.head].loss(self.net, batch, self.plan)
        self.losses.append(float(loss.detach()))
        return loss

    def advance(self) -> None:
        """Count the step that was done, and move the averaged weights."""
        self.step += 1
        share = min(self.plan.ema, self.step / (self.step + 9))
        with torch.no_grad():
            for old, new in zip(
                self.averaged.state_dict().values(), self.net.state_dict().values(), strict=True
            ):
                if old.is_floating_point():
                    old.lerp_(new, 1 - share)
                else:
                    old.copy_(new)


def rate_at(step: int, plan: Plan) -> float:
    """Return the learning rate of a step: a rise in a line, then half a cosine down to 1 %.

    With several cycles it does so again and again.

    >>> plan = Plan(net="unet", head="classes", classes=("no", "yes"), steps=10, warmup=2, rate=1)
    >>> [round(rate_at(step, plan), 2) for step in (0, 1, 5, 9)]
    [0.5, 1.0, 0.69, 0.05]
    """
    length = -(-plan.steps // plan.cycles)
    step %= length
    if step < plan.warmup:
        return plan.rate * (step + 1) / plan.warmup
    done = (step - plan.warmup) / max(1, length - plan.warmup)
    return plan.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))

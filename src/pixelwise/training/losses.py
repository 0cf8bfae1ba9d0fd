"""What dense networks are taught: classes by Dice and cross entropy, depth by its difference."""

import torch
from torch.nn import functional

from pixelwise.training.examples import VOID
from pixelwise.training.plan import Plan

__all__ = ["dense_loss"]


def dense_loss(answer: torch.Tensor, batch: dict[str, torch.Tensor], plan: Plan) -> torch.Tensor:
    """Return the loss of one batch.

    Args:
        answer: (N, classes + depths, ...) scores before the softmax, then the depth.
        batch: ``targets`` (N, ...) class indices, -1 where nothing is taught; ``depth`` (N, ...).
        plan: The weights of the parts.
    """
    answer = answer.float()
    scores, targets = answer[:, : len(plan.classes)], batch["targets"]
    loss = plan.entropy * _entropy(scores, targets, plan) + plan.dice * _dice(scores, targets, plan)
    if plan.depths:
        loss = loss + plan.depth * functional.smooth_l1_loss(
            answer[:, -1], batch["depth"], beta=0.1
        )
    return loss


def _entropy(scores: torch.Tensor, targets: torch.Tensor, plan: Plan) -> torch.Tensor:
    weights = torch.tensor(plan.class_weights, device=scores.device) if plan.class_weights else None
    if not plan.focus:
        return functional.cross_entropy(scores, targets, weights, ignore_index=VOID)
    each = functional.cross_entropy(scores, targets, weights, ignore_index=VOID, reduction="none")
    return ((1 - torch.exp(-each)) ** plan.focus * each).mean()


def _dice(scores: torch.Tensor, targets: torch.Tensor, plan: Plan) -> torch.Tensor:
    """Return 1 - the mean Dice of the classes, the background left out, over the whole batch."""
    known = targets != VOID
    shares = scores.softmax(1) * known.unsqueeze(1)
    loss = scores.new_zeros(())
    first = int(plan.classes[0] == "background")
    for index in range(first, scores.shape[1]):
        truth = (targets == index).to(scores.dtype)
        inside = (shares[:, index] * truth).sum()
        whole = shares[:, index].sum() + truth.sum()
        loss = loss + 1 - (2 * inside + 1) / (whole + 1)
    return loss / max(1, scores.shape[1] - first)

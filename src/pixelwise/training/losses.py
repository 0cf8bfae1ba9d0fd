"""What dense networks are taught: classes by four losses, planes by their difference.

Source:
    H. Kervadec et al., "Boundary loss for highly unbalanced segmentation", MIDL 2019;
    T.-Y. Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017; F. Milletari et al.,
    "V-Net", 3DV 2016, for Dice.
"""

import torch
from torch.nn import functional

from pixelwise.training.examples import VOID
from pixelwise.training.plan import Plan

__all__ = ["dense_loss"]


def dense_loss(answer: torch.Tensor, batch: dict[str, torch.Tensor], plan: Plan) -> torch.Tensor:
    """Return the loss of one batch.

    Args:
        answer: (N, classes + planes, ...) scores before the softmax, then depth or flow.
        batch: ``targets`` (N, ...) class indices, -1 where nothing is taught; ``planes``
            (N, planes, ...) and ``gaps`` (N, classes, ...) where they are taught.
        plan: The weights of the parts.
    """
    answer = answer.float()
    scores, targets = answer[:, : len(plan.classes)], batch["targets"]
    loss = plan.entropy * _entropy(scores, targets, plan) + plan.dice * _dice(scores, targets, plan)
    if plan.boundary:
        loss = loss + plan.boundary * _boundary(scores, batch["gaps"])
    if plan.planes:
        beside = answer[:, len(plan.classes) :]
        loss = loss + plan.depth * functional.smooth_l1_loss(beside, batch["planes"], beta=0.1)
    return loss


def _entropy(scores: torch.Tensor, targets: torch.Tensor, plan: Plan) -> torch.Tensor:
    weights = torch.tensor(plan.class_weights, device=scores.device) if plan.class_weights else None
    if not plan.focus:
        return functional.cross_entropy(scores, targets, weights, ignore_index=VOID)
    each = functional.cross_entropy(scores, targets, weights, ignore_index=VOID, reduction="none")
    return ((1 - torch.exp(-each)) ** plan.focus * each).mean()


def _boundary(scores: torch.Tensor, gaps: torch.Tensor) -> torch.Tensor:
    """Return the mean over pixels of what each class claims, by how far outside it that lies."""
    return (scores.softmax(1) * gaps).sum(1).mean()


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

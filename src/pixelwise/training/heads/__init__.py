"""The HEADS table: how an answer is taught, exported and described, one file per shape."""

from collections.abc import Sequence
from typing import Any, Protocol

from pixelwise.cards import DecoderSpec
from pixelwise.core import Task
from pixelwise.registry import Registry
from pixelwise.training.plan import Plan

__all__ = ["HEADS", "Teaching"]


class Teaching(Protocol):
    """What a head needs of the loop; one row of the HEADS table."""

    def tensors(self, patches: Sequence[Any], plan: Plan, /) -> dict[str, Any]:
        """Return the patches of one step as what ``loss`` takes."""

    def loss(self, net: Any, batch: dict[str, Any], plan: Plan, /) -> Any:  # noqa: ANN401 - torch
        """Return the loss of one batch."""

    def exported(self, net: Any, /) -> Any:  # noqa: ANN401 - torch
        """Return the module that is exported: pixels (1, C, ...) to the tensors of an answer."""

    def answers(self) -> tuple[str, ...]:
        """Return the names of those tensors."""

    def task(self, plan: Plan, /) -> Task:
        """Return what the results are."""

    def decoder(self, plan: Plan, /) -> DecoderSpec:
        """Return how the answer becomes a result."""


HEADS: Registry[Teaching] = Registry(
    "head",
    {
        "classes": "pixelwise.training.heads.dense:DENSE train",
        "distance": "pixelwise.training.heads.dense:DENSE train",
        "flows": "pixelwise.training.heads.dense:DENSE train",
        "boxes": "pixelwise.training.heads.boxes:BOXES train",
    },
)
"""Name of a :class:`Head` -> how it is taught."""

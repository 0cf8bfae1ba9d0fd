"""What a prompted network is asked, and what it answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "Promptable", "Question"]

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a network is asked about one picture; coordinates are pixels of its input.

    Args:
        points: (B, N, 2) float32 x y, of B objects that are asked for at once.
        labels: (B, N) int32: 1 the object, 0 not the object.
        boxes: (B, 4) float32 x0 y0 x1 y1, or None.
        mask: (h, w) float32 logits over the whole input, a first guess of one object, or None.
        text: What to look for, in words; empty: what points, boxes or the mask say.
        several: Whether several candidates are wanted for each object.
    """

    points: F32
    labels: NDArray[np.int32]
    boxes: F32 | None = None
    mask: F32 | None = None
    text: str = ""
    several: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The masks of a question.

    Args:
        masks: (B, K, h, w) float32, K candidates an object, or K things that a text describes.
        scores: (B, K) float32, how good each is thought to be.
        level: A pixel belongs to a mask where its value, grown to the picture, is above this.
    """

    masks: F32
    scores: F32
    level: float = 0.0


class Promptable(Protocol):
    """A network that looks at a picture once and is then asked as often as wanted."""

    @property
    def takes(self) -> frozenset[str]:
        """What it understands: some of ``points boxes masks text``."""

    @property
    def device(self) -> str:
        """Where it runs."""

    def embed(self, pixels: F32, /) -> object:
        """Return what is kept of a picture, which is laid out as the card says."""

    def ask(self, embedding: object, question: Question, /) -> Answer:
        """Return the masks.

        Raises:
            ModelError: The network fails.
        """

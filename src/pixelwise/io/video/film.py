"""What can be watched: pictures in their order, each with its time."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from pixelwise.core import Image
from pixelwise.io.sources import shown
from pixelwise.io.video.facts import Damage, VideoFacts

__all__ = ["Film"]

LISTED = 10_000
"""Damaged pictures that are listed; the rest is counted."""


class Film(ABC):
    """A source: pictures in the order in which they are shown, each with its ``space.time_s``.

    What was odd about them, :attr:`damage` and :attr:`notes`, is known when an iteration ends.

    Args:
        path: Where it is.
    """

    facts: VideoFacts
    """What its head says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = shown(path)
        self._forget()

    @property
    def stem(self) -> str:
        """What outputs are named after."""
        return self.path.stem

    @abstractmethod
    def __iter__(self) -> Iterator[Image]:
        """Yield the pictures from the beginning."""

    def _forget(self) -> None:
        self.damage: list[Damage] = []
        self.damaged_count = 0
        self.notes: list[str] = []

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _list(self, damage: Damage) -> None:
        self.damaged_count += 1
        if len(self.damage) < LISTED:
            self.damage.append(damage)

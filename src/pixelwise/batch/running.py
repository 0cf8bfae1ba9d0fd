"""A run: what is not done yet goes through an engine, and what ends goes into the journal."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from pixelwise.batch.engine import Engine
from pixelwise.batch.inputs import items_of
from pixelwise.batch.items import Item
from pixelwise.batch.job import Work
from pixelwise.batch.journal import Journal
from pixelwise.batch.outcomes import Done, Failed, Outcome, Stopped
from pixelwise.errors import OutputError

__all__ = ["Run", "Tally"]


@dataclass
class Tally:
    """How a run stands.

    Args:
        done: Items that were done by this run.
        kept: Items that were done before.
        failed: Items that are put aside, now or before.
        codes: Exit codes of those that failed by this run.
    """

    done: int = 0
    kept: int = 0
    failed: int = 0
    codes: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All items so far."""
        return self.done + self.kept + self.failed


@dataclass(kw_only=True)
class Run:
    """One look through the inputs.

    Args:
        source: See :func:`items_of`.
        work: What is done with each.
        journal: Of the output folder.
        engine: What runs the work.
        tell: Takes each outcome, once it is in the journal, and the tally.
    """

    source: str
    work: Work
    journal: Journal
    engine: Engine
    tell: Callable[[Done | Failed, Tally], None]
    tally: Tally = field(default_factory=Tally, init=False)

    def once(self) -> Tally:
        """Do all that is not done, and return how it went.

        Raises:
            OutputError: Nothing more can be written; what is finished is in the journal.
            InputError: The inputs cannot be listed.
        """
        self.tally = Tally()
        with closing(self.engine.run(self._todo())) as groups:
            for group in groups:
                self._take(group)
        self.journal.finish()
        return self.tally

    def _todo(self) -> Iterator[Item]:
        for item in items_of(self.source, self.work.root):
            if item.key in self.journal.failed:
                self.tally.failed += 1
            elif item.key in self.journal.done and self.work.is_there(item):
                self.tally.kept += 1
            else:
                yield item

    def _take(self, group: list[Outcome]) -> None:
        ended = [outcome for outcome in group if not isinstance(outcome, Stopped)]
        if ended:
            self.journal.append(ended)
        for outcome in ended:
            self._count(outcome)
            self.tell(outcome, self.tally)
        stopped = next((outcome for outcome in group if isinstance(outcome, Stopped)), None)
        if stopped is not None:
            raise OutputError(
                f"{stopped.message}; what is finished is kept, the same command goes on"
            )

    def _count(self, outcome: Done | Failed) -> None:
        if isinstance(outcome, Done):
            self.tally.done += 1
            return
        self.tally.failed += 1
        self.tally.codes[outcome.exit_code] += 1

"""The engine of this machine."""

import pickle
from collections.abc import Generator, Iterable

from pixelwise.batch.items import Item
from pixelwise.batch.job import Work
from pixelwise.batch.outcomes import Outcome
from pixelwise.batch.pool import Pool
from pixelwise.pipeline.threads import cores

__all__ = ["Local"]


class Local:
    """Runs the work in processes of this machine, one for each core."""

    def __init__(
        self, work: Work, *, workers: int | None = None, deadline_s: float = 300.0
    ) -> None:
        self.work = work
        self.workers = workers or cores()
        self.deadline_s = deadline_s

    def run(self, items: Iterable[Item]) -> Generator[list[Outcome], None, None]:
        """Yield what became of the items, those that ended together at a time."""
        pool = Pool(pickle.dumps(self.work), workers=self.workers, deadline_s=self.deadline_s)
        try:
            yield from pool.outcomes(iter(items))
        finally:
            pool.close()

"""Worker processes of this machine, one thread each, that are replaced when they die or hang."""

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from pixelwise.batch.items import Item
from pixelwise.batch.outcomes import Failed, Outcome
from pixelwise.batch.worker import READY, THREADS, serve
from pixelwise.errors import PixelwiseError

__all__ = ["Pool"]

AHEAD = 3
"""Items sent to a worker: one is written, one computed, one waits so that nobody waits."""
AT_WORK = 2
"""So many of them may be why a worker died: the one written and the one computed."""
FALSE_STARTS = 3
"""So many workers in a row that end before their first item mean that none will do."""
START_S = 120.0
"""Longest time for a worker's imports."""


@dataclass
class _Worker:
    """One process and what was sent to it, in order; the first is worked on."""

    process: SpawnProcess
    pipe: Connection
    sent: deque[Item] = field(default_factory=deque)
    since_s: float = field(default_factory=time.monotonic)
    is_ready: bool = False

    @classmethod
    def start(cls, packed: bytes) -> "_Worker":
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, packed), daemon=True)
        with _one_thread():
            process.start()
        theirs.close()
        return cls(process, ours)

    def received(self) -> list[Outcome]:
        """Return the outcomes that have come; raise EOFError when the process has ended."""
        outcomes: list[Outcome] = []
        while self.pipe.poll():
            try:
                message = self.pipe.recv()
            except (EOFError, OSError):
                break
            self.since_s = time.monotonic()
            if message == READY:
                self.is_ready = True
                continue
            self.sent.popleft()
            outcomes.append(message)
        return outcomes

    def send(self, item: Item) -> None:
        if not self.sent:
            self.since_s = time.monotonic()
        self.sent.append(item)
        with suppress(OSError):  # it has just died: seen at the next look, and tried again
            self.pipe.send(item)

    def left_s(self, deadline_s: float) -> float:
        """Return how long it may yet take for what it does."""
        if not self.sent:
            return deadline_s
        longest = deadline_s if self.is_ready else START_S
        return self.since_s + longest - time.monotonic()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


class Pool:
    """Processes that do the work.

    One that dies, or takes longer than the deadline for an item, is replaced; the item is tried
    once more and then put aside. The others lose nothing.

    Args:
        packed: The Work that is done with each item, pickled.
        workers: How many processes; each is started when there is something to do for it.
        deadline_s: Longest time for one item.
    """

    def __init__(self, packed: bytes, *, workers: int, deadline_s: float) -> None:
        self._packed = packed
        self._most = workers
        self._deadline_s = deadline_s
        self._again: deque[Item] = deque()
        self._suspects: deque[Item] = deque()
        self._suspected: set[bytes] = set()
        self._false_starts = 0
        self._workers: list[_Worker] = []

    def outcomes(self, source: Iterator[Item]) -> Iterator[list[Outcome]]:
        """Yield what became of the items, those that ended together at a time.

        The processes stay for the next call.
        """
        while True:
            self._fill(source)
            if not any(worker.sent for worker in self._workers):
                return
            self._wait()
            ended = [outcome for worker in self._workers for outcome in worker.received()]
            ended += self._replaced()
            self._suspected.difference_update(outcome.item.key for outcome in ended)
            self._fill(source)
            if ended:
                yield ended

    def close(self) -> None:
        """End the processes at once."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _fill(self, source: Iterator[Item]) -> None:
        """Send items, the same number to each worker; start workers as they are needed.

        Those that a worker may have died of are sent alone, so that no other is taken along.
        """
        for depth in range(1, AHEAD + 1):
            for place in range(self._most):
                sent = self._workers[place].sent if place < len(self._workers) else ()
                if len(sent) >= depth or (sent and sent[0].key in self._suspected):
                    continue
                waiting = self._suspects if self._suspects and not sent else self._again
                item = waiting.popleft() if waiting else next(source, None)
                if item is None:
                    return
                if place >= len(self._workers):
                    self._workers.append(_Worker.start(self._packed))
                self._workers[min(place, len(self._workers) - 1)].send(item)

    def _wait(self) -> None:
        handles = [
            handle for worker in self._workers for handle in (worker.pipe, worker.process.sentinel)
        ]
        left = [worker.left_s(self._deadline_s) for worker in self._workers]
        wait(handles, timeout=max(0.0, min(left)))

    def _replaced(self) -> list[Outcome]:
        """Replace workers that died or hang, and return the items that are given up."""
        ended: list[Outcome] = []
        for worker in list(self._workers):
            died = not worker.process.is_alive()
            late = worker.left_s(self._deadline_s) <= 0
            if not died and not late:
                continue
            ended += worker.received()  # what it still said before it died
            self._workers.remove(worker)
            ended += self._judge(worker, died=died)
            worker.end()
        return ended

    def _judge(self, worker: _Worker, *, died: bool) -> list[Outcome]:
        """Return the item that ended a worker of its own; others go back, to be tried once more."""
        if not worker.is_ready:
            self._false_starts += 1
            self._again.extendleft(reversed(worker.sent))
            if self._false_starts >= FALSE_STARTS:
                raise PixelwiseError(
                    f"{FALSE_STARTS} worker processes in a row ended while they started"
                    f" (exit code {worker.process.exitcode}); is there enough memory?"
                )
            return []
        self._false_starts = 0
        if not worker.sent:
            return []
        first = worker.sent[0]
        if first.key not in self._suspected:
            suspects = [worker.sent.popleft() for _ in range(min(AT_WORK, len(worker.sent)))]
            self._suspects.extend(suspects)
            self._suspected.update(item.key for item in suspects)
            self._again.extendleft(reversed(worker.sent))
            return []
        self._suspected.remove(first.key)
        if died:
            return [Failed.worker_died(first)]
        return [Failed.too_slow(first, self._deadline_s)]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that are started in the block use one thread each."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

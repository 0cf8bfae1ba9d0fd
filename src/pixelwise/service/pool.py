"""Worker processes behind a queue that has an end: what hangs, grows or dies is replaced."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from pixelwise.errors import Cancelled
from pixelwise.service.log import log
from pixelwise.service.refusals import Refusal
from pixelwise.service.worker import DONE, FAILED, PROGRESS, READY, Told, work

__all__ = ["Pool", "PoolRules"]

TICK_S = 0.2
"""How soon a client that left is noticed by the thread that waits for its answer."""
GRACE_S = 0.5
"""An answer that comes so soon after its client left costs less than another process."""
START_S = 120.0
FALSE_STARTS = 3
AGAIN_S = 5.0
"""Wait after so many workers in a row that did not start."""


@dataclass(frozen=True, kw_only=True)
class PoolRules:
    """How a pool runs.

    Args:
        workers: Processes.
        threads: Threads of each.
        queue: Calls that may wait.
        deadline_s: Longest time of a call, its waiting included.
        worker_bytes: A worker that holds more after a call is replaced.
        warm: ``"module:function"`` that a worker calls before it says that it is ready.
    """

    workers: int
    threads: int = 1
    queue: int = 8
    deadline_s: float = 30.0
    worker_bytes: int = 1 << 30
    warm: str = "pixelwise.service.asking:warm"


@dataclass(eq=False)
class _Errand:
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    until_s: float
    tell: Told | None = None
    left: Event = field(default_factory=Event)
    """Set when nobody wants the answer any more."""

    def seconds(self) -> float:
        return self.until_s - time.monotonic()


@dataclass(eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    bytes: int = 0

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


class Pool:
    """Runs calls in processes.

    Threads of this process wait for the answers, one for each worker: they do nothing else, and
    the event loop never waits for a pipe.
    """

    def __init__(self, rules: PoolRules) -> None:
        self.rules = rules
        self.restarts = 0
        self._lock = Lock()
        self._load = 0
        self._ready = 0
        self._is_closed = False
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: set[_Worker] = set()
        self._threads = ThreadPoolExecutor(rules.workers, "pool")
        for _ in range(rules.workers):
            self._start()

    @property
    def load(self) -> int:
        """Calls that wait or are in work."""
        return self._load

    @property
    def is_full(self) -> bool:
        """Whether another call would be refused."""
        return self._load >= self.rules.workers + self.rules.queue

    @property
    def ready(self) -> int:
        """Workers that are idle or busy, not starting."""
        return self._ready

    @property
    def resident_bytes(self) -> int:
        """Memory that the workers held after their last call."""
        with self._lock:
            return sum(worker.bytes for worker in self._all)

    async def run(
        self,
        call: Callable[..., Any],
        *arguments: Any,  # noqa: ANN401 - any call
        tell: Told | None = None,
        deadline_s: float | None = None,
    ) -> Any:  # noqa: ANN401
        """Return ``call(*arguments)`` of a worker.

        Args:
            call: A function of a module.
            *arguments: What can be pickled.
            tell: Takes progress, in another thread; the call then gets a keyword ``tell``.
            deadline_s: Longest time; None: that of the rules.

        Raises:
            Refusal: The queue is full (503), the time is over (504), the worker died (500).
            PixelwiseError: What the call raised.
        """
        with self._lock:
            if self._is_closed or self.is_full:
                raise Refusal(503, "all workers are busy and the queue is full; try again soon")
            self._load += 1
        seconds = self.rules.deadline_s if deadline_s is None else deadline_s
        errand = _Errand(call, arguments, time.monotonic() + seconds, tell)
        future = self._threads.submit(self._do, errand)
        future.add_done_callback(self._count_out)
        try:
            return await asyncio.wrap_future(future)
        except Refusal as refusal:
            if refusal.trace:
                log(refusal.trace)
            raise
        finally:
            errand.left.set()

    def close(self) -> None:
        """End the workers; what is in work is lost."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            workers, self._all = list(self._all), set()
        for worker in workers:
            with suppress(ValueError, OSError):  # it may be ending by itself
                worker.process.kill()
        self._threads.shutdown(wait=True)

    def _count_out(self, _: Future[Any]) -> None:
        with self._lock:
            self._load -= 1

    def _do(self, errand: _Errand) -> Any:  # noqa: ANN401
        worker = self._take(errand)
        is_kept = False
        try:
            worker.pipe.send((errand.call, errand.arguments, errand.tell is not None))
            answer = self._answer(worker, errand)
            is_kept = worker.bytes <= self.rules.worker_bytes
        except (EOFError, OSError):
            raise Refusal(500, "the worker ended while it computed", "worker_died") from None
        finally:
            if is_kept:
                self._idle.put(worker)
            else:
                self._replace(worker)
        kind, value = answer
        if kind == DONE:
            return value
        if kind == FAILED:
            raise value
        raise Refusal(500, "the server made a mistake; its log has this request's id", trace=value)

    def _take(self, errand: _Errand) -> _Worker:
        while errand.seconds() > 0 and not errand.left.is_set() and not self._is_closed:
            try:
                return self._idle.get(timeout=min(TICK_S, errand.seconds()))
            except Empty:
                continue
        raise self._end(errand)

    def _answer(self, worker: _Worker, errand: _Errand) -> tuple[str, Any]:
        """Return what the worker says; raise when the time is over or nobody waits any more."""
        left_s: float | None = None
        while (seconds := errand.seconds()) > 0:
            ended = wait([worker.pipe, worker.process.sentinel], timeout=min(TICK_S, seconds))
            if ended and worker.pipe.poll():
                kind, value, worker.bytes = worker.pipe.recv()
                if kind != PROGRESS:
                    return kind, value
                if errand.tell is not None:
                    errand.tell(value)
            elif ended:
                raise EOFError
            if errand.left.is_set():
                left_s = left_s or time.monotonic()
                if time.monotonic() - left_s > GRACE_S:
                    break
        raise self._end(errand)

    def _end(self, errand: _Errand) -> Exception:
        if errand.left.is_set():
            return Cancelled("the client left")
        if self._is_closed:
            return Refusal(503, "the service is ending")
        return Refusal(504, "the request took too long; a smaller picture or a faster method helps")

    def _replace(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
            self._ready -= 1
            self.restarts += 1
        worker.end()
        self._start()

    def _start(self) -> None:
        if not self._is_closed:
            Thread(target=self._start_one, daemon=True).start()

    def _start_one(self) -> None:
        """Start processes until one is ready."""
        tries = 0
        while not self._is_closed:
            worker = self._begun()
            if self._is_up(worker):
                with self._lock:
                    self._ready += 1
                self._idle.put(worker)
                return
            with self._lock:
                self._all.discard(worker)
            worker.end()
            tries += 1
            if tries >= FALSE_STARTS:
                time.sleep(AGAIN_S)

    def _begun(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        rules = self.rules
        process = context.Process(
            target=work, args=(theirs, rules.threads, rules.warm), daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        with self._lock:
            self._all.add(worker)
        return worker

    def _is_up(self, worker: _Worker) -> bool:
        wait([worker.pipe, worker.process.sentinel], timeout=START_S)
        try:
            kind, worker.bytes = worker.pipe.recv() if worker.pipe.poll() else ("", 0)
        except (EOFError, OSError):
            return False
        return bool(kind == READY)

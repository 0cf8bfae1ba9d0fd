"""Work in threads, answers in order: the one place below batch and service where threads live."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Any, TypeVar

__all__ = ["ahead", "cores", "in_parallel"]

T = TypeVar("T")
U = TypeVar("U")


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def in_parallel(
    work: Callable[[T], U], items: Iterable[T], workers: int | None = None
) -> Iterator[U]:
    """Yield ``work(item)`` for every item, in the items' order, with ``workers`` threads.

    At most twice as many items as workers are taken from ``items`` ahead of the answers, so
    endless inputs need no memory. An error of ``work`` is raised where its answer would stand.

    >>> list(in_parallel(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    workers = workers or cores()
    waiting: deque[Future[U]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True, slots=True)
class _End:
    """What stands behind the last item: nothing, or the error that ended them."""

    error: BaseException | None = None


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """Yield the items, made by a thread of their own that is at most ``depth`` of them ahead.

    Chained, each one is a stage of a pipeline: all stages work at once, the order is kept, and
    no more than ``depth`` items wait between two of them. An error in ``items`` is raised where
    the next item would stand. Closing the iterator ends the thread and closes ``items``.

    >>> list(ahead(number * 2 for number in ahead(range(3))))
    [0, 2, 4]
    """
    ready: SimpleQueue[T | _End] = SimpleQueue()
    room, unwanted = Semaphore(depth), Event()
    thread = Thread(target=_fill, args=(ready, iter(items), room, unwanted), daemon=True)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            room.release()  # the next one is made while this one is used
            yield item
        if item.error is not None:
            raise item.error
    finally:
        unwanted.set()
        room.release()
        thread.join()


def _fill(
    ready: "SimpleQueue[Any]", items: Iterator[Any], room: Semaphore, unwanted: Event
) -> None:
    """Make an item only when there is room for it, so that live pictures are not old."""
    end = _End()
    try:
        while True:
            room.acquire()
            if unwanted.is_set():
                break
            try:
                item = next(items)
            except StopIteration:
                break
            ready.put(item)
    except BaseException as error:  # noqa: BLE001 - it is raised again where the items are used
        end = _End(error)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
        ready.put(end)

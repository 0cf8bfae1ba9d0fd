"""Work in threads, answers in order: the one place below batch and service where threads live."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["cores", "in_parallel"]

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

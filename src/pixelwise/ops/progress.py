"""How far a long piece of work has come, for whoever listens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["bands", "listening", "steps"]

T = TypeVar("T")
Listener = Callable[[int, int], object]

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)

BAND = 32
"""Rows of a picture between two reports."""


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call ``listener(done, total)`` after each step of what is done inside, in this thread.

    >>> heard = []
    >>> with listening(lambda done, total: heard.append((done, total))):
    ...     list(steps("ab"))
    ['a', 'b']
    >>> heard
    [(1, 2), (2, 2)]
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def steps(items: Sequence[T]) -> Iterator[T]:
    """Yield the items, and tell the listener, if there is one, when each is done with."""
    listener = _LISTENER.get()
    for number, item in enumerate(items, start=1):
        yield item
        if listener is not None:
            listener(number, len(items))


def bands(height: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the end of each band of a picture, a step each.

    >>> list(bands(40))
    [(0, 32), (32, 40)]
    """
    return steps([(top, min(top + BAND, height)) for top in range(0, height, BAND)])

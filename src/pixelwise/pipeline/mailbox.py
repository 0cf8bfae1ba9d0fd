"""A box for one letter: who is late finds the newest, and the older ones are counted as dropped."""

from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Generic, TypeVar

__all__ = ["Mailbox", "Worker"]

T = TypeVar("T")

PATIENCE_S = 1.0


class Mailbox(Generic[T]):
    """Hands the newest item from one thread to another.

    >>> box = Mailbox()
    >>> box.put("old"); box.put("new"); box.take(1), box.dropped
    ('new', 1)
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: T | None = None
        self._is_closed = False
        self.dropped = 0

    def put(self, item: T) -> None:
        """Lay in an item; one that nobody took yet is dropped."""
        with self._changed:
            self.dropped += self._item is not None
            self._item = item
            self._changed.notify_all()

    def take(self, patience_s: float) -> T | None:
        """Return the item, waiting for it; None when none comes in time or the box is closed."""
        deadline = monotonic() + patience_s
        with self._changed:
            while self._item is None and not self._is_closed:
                left = deadline - monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Say that nothing more comes."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes; an item may still lie in it."""
        with self._changed:
            return self._is_closed and self._item is None


class Worker(Generic[T]):
    """A thread that does its work on the newest item; those that come meanwhile replace each other.

    Args:
        work: What is done with an item.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._box: Mailbox[T] = Mailbox()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Items that newer ones replaced."""
        return self._box.dropped

    def put(self, item: T) -> None:
        """Lay in an item; an error of an earlier one is raised here."""
        self._raise()
        self._box.put(item)

    def close(self) -> None:
        """Wait for the item in work and the one that waits; an error is raised here."""
        self._box.close()
        self._thread.join()
        self._raise()

    def _run(self) -> None:
        while not self._box.is_closed:
            item = self._box.take(PATIENCE_S)
            if item is None:
                continue
            try:
                self._work(item)
            except BaseException as error:  # noqa: BLE001 - raised again at the next call
                self._error = error

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

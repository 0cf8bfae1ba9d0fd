"""The log of the service: stderr, by a thread of its own, so that a full sink stops no work."""

import os
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from queue import Full, Queue
from threading import Thread

__all__ = ["REQUEST", "log"]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered, which every line about it begins with."""
MOST = 1000
"""Entries that wait for the sink; later ones are dropped."""
STDERR = 2


def log(text: str) -> None:
    """Say something to those who run the service; it never waits."""
    known = REQUEST.get()
    with suppress(Full):
        _entries().put_nowait(f"request {known}: {text}" if known else text)


@cache
def _entries() -> Queue[str]:
    """Return what is to be written, with a thread that writes it."""
    entries: Queue[str] = Queue(MOST)
    Thread(target=_write, args=(entries,), daemon=True).start()
    return entries


def _write(entries: Queue[str]) -> None:
    while True:
        data = entries.get().rstrip("\n").encode(errors="backslashreplace") + b"\n"
        with suppress(OSError):  # nobody is there
            while data:  # past Python's buffer, whose lock a blocked write would hold at the end
                data = data[os.write(STDERR, data) :]

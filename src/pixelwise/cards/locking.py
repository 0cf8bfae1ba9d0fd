"""One process at a time, as a courtesy: nothing depends on the lock but the number of downloads."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["courtesy_lock"]

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def courtesy_lock(
    path: Path, *, done: Callable[[], bool], longest_s: float = 900.0
) -> Iterator[None]:
    """Hold the lock file ``path`` if that is possible, after waiting for who holds it.

    The wait ends when ``done()`` says that there is nothing left to do, or after ``longest_s``.
    Where files cannot be locked (some network file systems) the block runs without a lock. The
    system frees the lock of a process that dies; the file is removed at the end.
    """
    handle = _acquire(path, done, time.monotonic() + longest_s)
    try:
        yield
    finally:
        if handle is not None:
            with suppress(OSError):
                path.unlink()
            os.close(handle)


def _acquire(path: Path, done: Callable[[], bool], until: float) -> int | None:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return None
        try:
            _try_lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            if done() or time.monotonic() > until:
                return None
            time.sleep(0.05)
            continue
        except OSError:
            os.close(handle)
            return None
        if _is_still(path, handle):
            return handle
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    """Who waited may have locked a file that its last holder has removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False

"""A worker process: takes items from a pipe, computes one while it writes the one before."""

import errno
import os
import pickle
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread

import cv2

from pixelwise.batch.items import Item
from pixelwise.batch.job import Work
from pixelwise.batch.outcomes import Done, Failed, Outcome, Stopped
from pixelwise.errors import OutputError
from pixelwise.io.format import Thing

__all__ = ["READY", "THREADS", "serve"]

READY = "ready"
"""The first message: imports are done, the clock of the first item may start."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Set to 1 for workers: cores are not over-subscribed, and sums have one order."""


OF_THE_NAME = (errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EILSEQ)
"""What the system says when one name cannot be written; the rest concerns all of them."""


def serve(pipe: Connection, packed: bytes) -> None:
    """Answer each item in the pipe with its outcome, until None comes or the other side ends.

    Outcomes are sent in the order of the items. Writing to the disk is waiting for the most part,
    so it is done in a thread while the next item is computed; one item is ahead, never more.

    Args:
        pipe: To the driver.
        packed: The Work, pickled.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cv2.setNumThreads(1)
    work: Work = pickle.loads(packed)  # noqa: S301 - the driver's own
    Thread(target=_end_with_parent, daemon=True).start()
    pipe.send(READY)
    last: Future[None] | None = None
    with ThreadPoolExecutor(1) as writer:
        while (item := _next(pipe)) is not None:
            made = _made(work, item)
            if last is not None:
                last.result()
            last = writer.submit(_finish, pipe, work, item, made)
            del made


@dataclass(frozen=True, slots=True)
class _Made:
    things: list[Thing]


def _next(pipe: Connection) -> Item | None:
    try:
        item: Item | None = pipe.recv()
    except EOFError:
        return None
    return item


def _made(work: Work, item: Item) -> _Made | Failed:
    try:
        return _Made(work.compute(item))
    except Exception as error:  # noqa: BLE001 - a worker's outermost edge: one item is told, not all
        return Failed.of(item, error)


def _finish(pipe: Connection, work: Work, item: Item, made: _Made | Failed) -> None:
    pipe.send(made if isinstance(made, Failed) else _written(work, item, made))


def _written(work: Work, item: Item, made: _Made) -> Outcome:
    try:
        return Done(item, work.commit(item, made.things))
    except OutputError as error:
        if _is_of_the_disk(error):
            return Stopped(item, str(error))
        return Failed.of(item, error)
    except OSError as error:
        return Stopped(item, f"{item.name}: the output cannot be written: {error}")
    except Exception as error:  # noqa: BLE001 - as in _made: an encoder's bug ends one item
        return Failed.of(item, error)


def _is_of_the_disk(error: OutputError) -> bool:
    """Say whether the system refused for another reason than this one file's name."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno not in OF_THE_NAME


def _end_with_parent() -> None:
    """End when the driver is gone, so that no orphan writes into a tree that is resumed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

"""A worker process: takes calls from a pipe and answers each.

Nothing heavy is imported here: libraries read how many threads they may have when they load.
"""

import gc
import os
import signal
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread
from typing import Any

__all__ = ["READY", "Told", "work"]

READY = "ready"
PROGRESS, DONE, FAILED, FAULT = "progress", "done", "failed", "fault"
"""Kinds of message: how far, the answer, an error of ours, an error of the program."""

Told = Callable[[object], None]
"""Takes what a long call says of its progress."""

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def work(pipe: Connection, threads: int, warm: str) -> None:
    """Answer each call in the pipe until None comes or the other side is gone.

    A call is a function and its arguments; a keyword ``tell`` is added where progress is wanted.

    Args:
        pipe: To the service.
        threads: Threads that all libraries together may use for one call.
        warm: ``"module:function"`` that is called before it says that it is ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.update(dict.fromkeys(POOLS, str(threads)))
    Thread(target=_end_with_parent, daemon=True).start()
    import_module("cv2").setNumThreads(threads)
    module, _, name = warm.partition(":")
    getattr(import_module(module), name)()
    gc.freeze()
    pipe.send((READY, resident_bytes()))
    while (call := _next(pipe)) is not None:
        pipe.send(_answer(pipe, *call))
        del call


def resident_bytes() -> int:
    """Return the memory that this process holds; 0 where the system does not tell.

    >>> resident_bytes() >= 0
    True
    """
    table = Path("/proc/self/statm")
    return int(table.read_text().split()[1]) * PAGE if table.exists() else 0


def _next(pipe: Connection) -> Any:  # noqa: ANN401 - any call
    try:
        return pipe.recv()
    except EOFError:
        return None


def _answer(
    pipe: Connection,
    call: Callable[..., Any],
    arguments: tuple[Any, ...],
    is_told: bool,  # noqa: FBT001
) -> tuple[str, Any, int]:
    errors = import_module("pixelwise.errors")
    more = {"tell": lambda value: pipe.send((PROGRESS, value, 0))} if is_told else {}
    try:
        kind, value = DONE, call(*arguments, **more)
    except MemoryError:
        kind, value = FAILED, errors.LimitError("there is too little memory for this request")
    except errors.PixelwiseError as error:
        kind, value = FAILED, error.with_traceback(None)
    except Exception:  # noqa: BLE001 - a worker's outermost edge: one call is told, not all
        kind, value = FAULT, traceback.format_exc()
    return kind, value, resident_bytes()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

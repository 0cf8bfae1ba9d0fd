"""How the process ends: one line an error, and the exit code of the contract."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection, Sequence

import typer

from pixelwise.errors import PixelwiseError

__all__ = ["INTERRUPTED", "code_of", "emit", "exit_code_of", "leave", "one_line", "report"]

INTERRUPTED = 130
SOME_FAILED = 3
ALL_FAILED = 4
INTERNAL = 1
USAGE = 2
ITS_OWN = (5, 6, 7)
"""Limit, model and output keep their own code when they are why everything failed."""


def leave(work: Callable[[], int], *, debug: bool) -> None:
    """Do the work and end the process with its exit code; the traceback only with ``debug``."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt_once)
    try:
        code = work()
    except typer.Exit as done:
        code = done.exit_code
    except typer.TyperException as error:
        told = " ".join(error.format_message().split())
        report(f"{told} (--help shows the options)")
        code = USAGE
    except (typer.Abort, KeyboardInterrupt):
        report("interrupted; what is finished is kept")
        code = INTERRUPTED
    except PixelwiseError as error:
        _explain(error, debug=debug)
        code = exit_code_of([error.exit_code], total=1)
    except Exception as error:  # noqa: BLE001 - the outermost edge: a bug ends in one line and 1
        _explain(error, debug=debug, prefix="internal error: ")
        code = INTERNAL
    sys.exit(code)


def _interrupt_once(_signal: int, _frame: object) -> None:
    """Interrupt the work; an impatient second Ctrl-C must not break what ends it properly."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def exit_code_of(failures: Sequence[int], total: int) -> int:
    """Return the code for failures among ``total`` inputs.

    Args:
        failures: The code of each error; the errors themselves would keep their pictures.
        total: How many inputs there were.

    >>> from pixelwise.errors import InputError, LimitError
    >>> exit_code_of([], 3), exit_code_of([InputError.exit_code], 3)
    (0, 3)
    >>> exit_code_of([LimitError.exit_code], 1)
    5
    """
    return USAGE if {*failures} == {USAGE} else code_of({*failures}, len(failures), total)


def code_of(codes: Collection[int], failed: int, total: int) -> int:
    """Return the code when ``failed`` of ``total`` inputs failed, each with one of ``codes``.

    >>> code_of({3, 5}, 2, 2), code_of({5}, 2, 2), code_of({5}, 1, 2), code_of([], 0, 2)
    (4, 5, 3, 0)
    """
    if not failed:
        return 0
    if failed < total:
        return SOME_FAILED
    code = next(iter(codes)) if len(codes) == 1 else ALL_FAILED
    return code if code in (USAGE, *ITS_OWN, INTERRUPTED) else ALL_FAILED


def emit(line: str) -> None:
    """Print one line to stdout; when its reader has left, go on with the work in silence."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report(message: str) -> None:
    """Print one line to stderr."""
    typer.echo(f"pixelwise: {one_line(message)}", err=True)


def one_line(message: object) -> str:
    """Return the message on one line, control characters escaped.

    >>> len(one_line("a" + chr(10) + "b"))
    4
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(message))


def _explain(error: Exception, *, debug: bool, prefix: str = "") -> None:
    if debug:
        traceback.print_exception(error)
    kind = "" if isinstance(error, PixelwiseError) else f"{type(error).__name__}: "
    report(f"{prefix}{kind}{error}")

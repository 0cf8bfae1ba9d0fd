"""Writing that is whole or not at all."""

import multiprocessing
import os
import re
import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pixelwise.errors import OutputError
from pixelwise.io.sources import shown

__all__ = ["PART", "failpoint", "make_folder", "replacing", "write_bytes"]

PART = re.compile(r"\..+\.\d+\.[0-9a-f]{8}\.part")
"""How temporary files are called: a process that is killed may leave one behind."""

LONGEST = 255
"""Bytes of a file name on the usual file systems."""

_PASSED: Counter[str] = Counter()


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: temporary file, fsync, rename, fsync of the folder.

    A device or pipe, such as ``/dev/stdout``, is written to directly: it must not be replaced.

    Raises:
        OutputError: It cannot be written; what was under the name before is still there.
    """
    with _explained(path):
        special = _is_special(path)
    if special:
        with _explained(path), path.open("wb") as file:
            file.write(data)
        return
    with replacing(path) as part, part.open("xb") as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder; what was written there gets the final name.

    On any error the temporary file is removed and the final name is left alone.

    Raises:
        OutputError: The system refuses to write.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "a.txt") as part:
    ...     _ = part.write_text("whole")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    with _explained(path):
        _check_name(path)
    part = path.with_name(_part_name(path.name))
    try:
        with _explained(path):
            yield part
            failpoint("after_tmp")
            failpoint("before_fsync")
            _sync(part)
            failpoint("before_rename")
            part.replace(path)
            failpoint("after_rename")
            _sync(path.parent)
    finally:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it.

    Raises:
        OutputError: The system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}") from error


def failpoint(name: str) -> None:
    """Die here, as in a power cut, when PIXELWISE_FAILPOINT names this place: for tests.

    ``before_rename:3`` dies at the third time. A worker takes the process that started it along.
    """
    wanted, _, count = os.environ.get("PIXELWISE_FAILPOINT", "").partition(":")
    if wanted != name:
        return
    _PASSED[name] += 1
    if _PASSED[name] < int(count or 1):
        return
    parent = multiprocessing.parent_process()
    for process in (parent.pid if parent else None, os.getpid()):
        if process is not None:
            os.kill(process, signal.SIGKILL)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system says against writing into our error."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{shown(path)}: cannot be written: {why}") from error
    except ValueError as error:
        raise OutputError(f"{shown(path)}: no file can be called so: {error}") from error


def _check_name(path: Path) -> None:
    """Raise OutputError when the name belongs to a folder or a device."""
    if not path.name or path.is_dir():
        raise OutputError(f"{shown(path)}: expected a file name to write, this is a folder")
    if _is_special(path):
        raise OutputError(f"{shown(path)}: expected a file name to write, this is a device")


def _is_special(path: Path) -> bool:
    """Whether the name is taken by something that is neither a file nor a folder."""
    return path.exists() and not (path.is_file() or path.is_dir())


def _part_name(name: str) -> str:
    tail = f".{os.getpid()}.{secrets.token_hex(4)}.part"
    room = LONGEST - len(tail) - 1
    return f".{os.fsdecode(os.fsencode(name)[:room])}{tail}"


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk, where the system can do that."""
    if path.is_dir() and os.name == "nt":
        return
    # Windows flushes only what was opened for writing; a folder can only be read.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

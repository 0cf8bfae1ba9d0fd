"""Files that appear whole under their name or not at all."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

__all__ = ["abandoned_beside", "place", "temporary_beside", "write_text"]

_SILENT_S = 180.0
"""A living download is written to more often than that, or has been given up."""


def temporary_beside(final: Path) -> Path:
    """Return a name in the same folder that no other process takes, here or on another machine.

    >>> temporary_beside(Path("a/b.onnx")).name.startswith(".b.onnx.")
    True
    """
    return final.with_name(f".{final.name}.{os.getpid()}.{_machine()}{secrets.token_hex(4)}.part")


def abandoned_beside(final: Path) -> Iterator[Path]:
    """Yield temporary files of ``final`` whose process died or has not written for long."""
    with tempfile.TemporaryFile(dir=final.parent) as file:
        now = os.fstat(file.fileno()).st_mtime  # the folder's own clock, which may be a server's
    for path in final.parent.glob(f".{final.name}.*.part"):
        with suppress(OSError):
            if _is_orphan(path) or now - path.stat().st_mtime > _SILENT_S:
                yield path


def _is_orphan(path: Path) -> bool:
    """Say whether a process of this machine wrote the file and is no more."""
    process, token = path.name.split(".")[-3:-1]
    if os.name != "posix" or not process.isdecimal() or not token.startswith(_machine()):
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    name = os.uname().nodename if os.name == "posix" else os.environ.get("COMPUTERNAME", "")
    return f"{crc32(name.encode()):08x}"


def place(temporary: Path, final: Path) -> None:
    """Bring a written file under its final name: fsync, rename, fsync of the folder."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(final)
    sync_folder(final.parent)


def write_text(final: Path, text: str) -> None:
    """Write a small text file whole or not at all."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(final)
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        place(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Files that appear whole under their name or not at all."""

import os
import secrets
from pathlib import Path

__all__ = ["place", "temporary_beside", "write_text"]


def temporary_beside(final: Path) -> Path:
    """Return a name in the same folder that no other process takes.

    >>> temporary_beside(Path("a/b.onnx")).name.startswith(".b.onnx.")
    True
    """
    return final.with_name(f".{final.name}.{os.getpid()}.{secrets.token_hex(4)}.part")


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

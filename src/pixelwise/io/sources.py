"""Opening what a user names, without blocking on what is no file."""

import errno
import os
import stat
from pathlib import Path

from pixelwise.errors import InputError, LimitError

__all__ = ["read_bytes", "shown"]

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
REASONS = {
    errno.ENOENT: ("there is no such file", "missing"),
    errno.ENOTDIR: ("there is no such file", "missing"),
    errno.EACCES: ("it may not be read by this user", "permission"),
    errno.EPERM: ("it may not be read by this user", "permission"),
    errno.ELOOP: ("its symbolic links go round in a circle", "link"),
    errno.ENXIO: ("it is a socket, not a file", "kind"),
    errno.ENAMETOOLONG: ("the name is too long for the file system", "missing"),
}
MOST_AT_ONCE = 1 << 30
"""Bytes of one read; some systems take no more than 31 bits."""


def shown(path: str | os.PathLike[str]) -> str:
    r"""Return a file name that is safe to print: control and direction characters escaped.

    >>> shown("a\nb\u202egnp.exe")
    'a\\nb\\u202egnp.exe'
    """
    text = os.fspath(path)
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in text
    )


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: The file.
        limit: Most bytes.

    Raises:
        InputError: It is missing, may not be read, is no regular file, or changed meanwhile.
        LimitError: It is longer than ``limit``.
    """
    name = shown(path)
    # A pipe without a writer would block an ordinary open for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
        try:
            return _whole(handle, name, limit)
        finally:
            os.close(handle)
    except ValueError as error:
        raise InputError(f"{name}: no file can be called so: {error}", reason="missing") from error
    except OSError as error:
        why, reason = REASONS.get(error.errno or 0, (os.strerror(error.errno or 0), "unreadable"))
        raise InputError(f"{name}: {why}", reason=reason) from error


def _whole(handle: int, name: str, limit: int) -> bytes:
    """Return all bytes behind ``handle``, if it is a file and stays as it is."""
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        kind = KINDS.get(stat.S_IFMT(before.st_mode), "no regular file")
        raise InputError(f"{name}: expected a file, this is {kind}", reason="kind")
    if before.st_size > limit:
        raise LimitError(
            f"{name}: the file has {before.st_size} bytes, over the limit of {limit}; "
            "`pixelwise map` and `pixelwise volume` read large files in parts"
        )
    parts: list[bytes] = []
    left = before.st_size + 1  # one more, to see a file that grows
    while left > 0 and (part := os.read(handle, min(left, MOST_AT_ONCE))):
        parts.append(part)
        left -= len(part)
    after = os.fstat(handle)
    if left != 1 or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise InputError(f"{name}: the file changed while it was read; try again", reason="changed")
    return parts[0] if len(parts) == 1 else b"".join(parts)

"""SHA-256 of files, worked out once per state of a file."""

import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["sha256_of"]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits.

    The answer is remembered by path, inode, size and both times of the file: a file that was
    written again is hashed again.
    """
    state = path.stat()
    return _hash(str(path), state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@lru_cache(maxsize=512)
def _hash(path: str, *_state: int) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - the memo's key is the text of the path
        return hashlib.file_digest(file, "sha256").hexdigest()

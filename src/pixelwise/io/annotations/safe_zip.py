"""ZIP archives of strangers: names, links and sizes are checked before a byte is used."""

import stat
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from pixelwise.errors import InputError, LimitError
from pixelwise.io.annotations.dataset import lawful
from pixelwise.io.format import Reading

__all__ = ["checked_zip", "inflated", "member_bytes"]

STEP = 1 << 20
MOST_FILES = 1_000_000


def checked_zip(path: Path) -> list[ZipInfo]:
    """Return the files of an archive.

    Raises:
        InputError: It is no ZIP, or a name leaves the folder or is a link.
        LimitError: It has too many files.
    """
    try:
        with ZipFile(path) as archive:
            rows = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{path}: no ZIP: {error}", reason="zip") from error
    if len(rows) > MOST_FILES:
        raise LimitError(f"{path}: {len(rows)} files are over the limit of {MOST_FILES}")
    for row in rows:
        try:
            lawful(row.filename.rstrip("/"))
        except InputError as error:
            raise InputError(f"{path}: {error}", reason="zip") from error
        if stat.S_ISLNK(row.external_attr >> 16):
            raise InputError(f"{path}: {row.filename!r} is a link, which is refused", reason="zip")
    return [row for row in rows if not row.is_dir()]


def member_bytes(path: Path, row: ZipInfo, rules: Reading) -> bytes:
    """Return one file of an archive, its size counted while it inflates.

    Raises:
        InputError: It is damaged or encrypted.
        LimitError: It is larger than the limit on files, whatever its header says.
    """
    try:
        archive = ZipFile(path)
    except (BadZipFile, OSError) as error:
        raise InputError(f"{path}: no ZIP: {error}", reason="zip") from error
    with archive:
        return inflated(archive, row, rules)


def inflated(archive: ZipFile, row: ZipInfo, rules: Reading) -> bytes:
    """Return one file of an open archive; see :func:`member_bytes`.

    Raises:
        InputError: It is damaged.
        LimitError: It inflates to more than is allowed.
    """
    limit = rules.limits.file_bytes
    parts: list[bytes] = []
    total = 0
    name = f"{archive.filename}: {row.filename}"
    try:
        with archive.open(row) as file:
            while part := file.read(STEP):
                total += len(part)
                if total > limit or (total > STEP * 64 and total > 500 * row.compress_size):
                    raise LimitError(f"{name} inflates to over {total} bytes")
                parts.append(part)
    except (BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise InputError(f"{name}: {error}", reason="zip") from error
    return b"".join(parts)

"""Pictures in ZIP and tar archives, read where they are; nothing is unpacked to the disk."""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal, cast
from zipfile import BadZipFile, ZipFile

from pixelwise.batch.finished import Keys, key_of
from pixelwise.batch.items import GONE, Item, is_wanted
from pixelwise.core import Image
from pixelwise.errors import InputError, LimitError
from pixelwise.io.annotations.dataset import lawful
from pixelwise.io.annotations.safe_zip import checked_zip, inflated
from pixelwise.io.files import decode
from pixelwise.io.format import Reading

__all__ = ["is_archive", "packed"]

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


@dataclass(frozen=True, slots=True)
class Zipped:
    """A file in a ZIP archive."""

    archive: Path
    member: str
    size: int

    def __str__(self) -> str:
        return f"{self.archive}/{self.member}"

    def state(self) -> tuple[int, int]:
        """Return its bytes and when the archive was changed last."""
        return _state(self.archive, self.size)

    def read(self, rules: Reading) -> Image:
        """Return the picture.

        Raises:
            InputError: It is not in the archive, or cannot be read.
        """
        archive = _zip(self.archive, self.state()[1])
        try:
            row = archive.getinfo(self.member)
        except KeyError as error:
            raise InputError(f"{self}: it is not in the archive", reason="missing") from error
        return decode(inflated(archive, row, rules), str(self), rules)


@dataclass(frozen=True, slots=True)
class Tarred:
    """A file in a tar archive, ``offset`` bytes after the start of what is packed."""

    archive: Path
    member: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.archive}/{self.member}"

    def state(self) -> tuple[int, int]:
        """Return its bytes and when the archive was changed last."""
        return _state(self.archive, self.size)

    def read(self, rules: Reading) -> Image:
        """Return the picture.

        Raises:
            InputError: It is damaged.
            LimitError: It is larger than the rules allow.
        """
        if self.size > rules.limits.file_bytes:
            limit = rules.limits.file_bytes
            raise LimitError(f"{self} has {self.size} bytes, over the limit of {limit}")
        try:
            data = self._bytes()
        except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
            raise InputError(f"{self}: {error}", reason="truncated") from error
        if len(data) != self.size:
            raise InputError(f"{self}: expected {self.size} bytes, got {len(data)}")
        return decode(data, str(self), rules)

    def _bytes(self) -> bytes:
        if _mode(self.archive) == "r:":
            with self.archive.open("rb") as file:
                file.seek(self.offset)
                return file.read(self.size)
        stream = _inflating(self.archive, self.state()[1])
        stream.seek(self.offset)
        return stream.read(self.size)


def is_archive(path: Path) -> bool:
    """Say whether the name is that of an archive.

    >>> is_archive(Path("a.tar.gz")), is_archive(Path("a.nii.gz"))
    (True, False)
    """
    return path.name.lower().endswith(ENDINGS)


def packed(path: Path) -> Iterator[Item]:
    """Yield the pictures of an archive.

    Raises:
        InputError: It is damaged, or holds a name twice, or one that leaves its folder.
        LimitError: It holds too many files.
    """
    seen = Keys()
    for origin in _zipped(path) if path.name.lower().endswith(".zip") else _tarred(path):
        name = lawful(origin.member)
        if not is_wanted(name):
            continue
        key = key_of(name)
        if key in seen:
            raise InputError(f"{path} holds {name!r} twice; unpack it and say which", reason="name")
        seen.add(key)
        yield Item.of(name, origin)


def _zipped(path: Path) -> Iterator[Zipped]:
    for row in checked_zip(path):
        yield Zipped(path, row.filename, row.file_size)


def _tarred(path: Path) -> Iterator[Tarred]:
    try:
        with tarfile.open(path, _mode(path)) as archive:
            while (row := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # else it keeps them all
                if row.isreg() and not row.issparse():
                    yield Tarred(path, row.name, row.offset_data, row.size)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: no whole tar archive: {error}", reason="tar") from error


def _state(archive: Path, size: int) -> tuple[int, int]:
    try:
        return size, archive.stat().st_mtime_ns
    except OSError:
        return GONE


@lru_cache(maxsize=1)
def _zip(path: Path, _version: int) -> ZipFile:
    """Return an open archive, kept for the next picture: its table is read only once."""
    try:
        return ZipFile(path)
    except (BadZipFile, OSError) as error:
        raise InputError(f"{path}: no ZIP: {error}", reason="zip") from error


def _mode(path: Path) -> Literal["r:", "r:*"]:
    return "r:" if path.name.lower().endswith(".tar") else "r:*"


@lru_cache(maxsize=1)
def _inflating(path: Path, _version: int) -> IO[bytes]:
    """Return what is packed in a compressed archive as one stream.

    It is kept for the next picture: a reader that only goes on inflates each byte once.
    """
    stream = cast("IO[bytes] | None", tarfile.open(path).fileobj)  # noqa: SIM115 - as said above
    if stream is None:
        raise InputError(f"{path}: no compressed tar archive", reason="tar")
    return stream

"""A folder of this machine, or of one that is mounted, as the root of a batch."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from pixelwise.batch.items import Item, OnDisk, is_wanted
from pixelwise.batch.outcomes import Output
from pixelwise.batch.root import Desk, Root
from pixelwise.errors import InputError
from pixelwise.io.atomic import PART, make_folder
from pixelwise.io.files import write
from pixelwise.io.format import Thing

__all__ = ["Disk"]


@dataclass(frozen=True)
class Disk:
    """A folder; its files are written by rename, so that nobody sees half of one."""

    place: str

    def __str__(self) -> str:
        return self.place

    @property
    def folder(self) -> Path:
        """The folder."""
        return Path(self.place)

    def items(self, *, skip: str) -> Iterator[Item]:
        """Yield the pictures of the folder and its sub-folders; not through links to folders."""
        return _below(self.folder, "", skip)

    def within(self, other: Root) -> str | None:
        """Return its name below ``other``, links followed.

        >>> Disk("a/b").within(Disk("a")), Disk("a").within(Disk("a")), Disk("ab").within(Disk("a"))
        ('b', '', None)
        """
        if not isinstance(other, Disk):
            return None
        here, there = self.folder.resolve(), other.folder.resolve()
        if not here.is_relative_to(there):
            return None
        return "" if here == there else here.relative_to(there).as_posix()

    def has(self, names: Sequence[str]) -> bool:
        """Say whether files of all these names are there."""
        return all((self.folder / name).exists() for name in names)

    def put(self, name: str, thing: Thing) -> tuple[Output, ...]:
        """Write a file, whole and durable, and the picture beside a panoptic one."""
        path = self.folder / name
        make_folder(path.parent)
        write(path, thing)
        written = [path.with_suffix(".png")] if name.endswith(".panoptic.json") else []
        return tuple(self._output(path) for path in [*written, path])

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of a file."""
        try:
            with (self.folder / name).open("rb") as file:
                return file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None
        except OSError:
            return ""

    def names(self) -> Iterator[str]:
        """Yield the names of all files."""
        for path in self.folder.rglob("*"):
            if not path.is_dir():
                yield path.relative_to(self.folder).as_posix()

    @contextmanager
    def kept(self) -> Iterator[Path]:
        """Give the folder itself."""
        yield self.folder

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Give the folder itself, free of temporary files of processes that were killed."""
        make_folder(self.folder)
        self._sweep()

        def publish(*, is_end: bool) -> None:
            if is_end:
                self._sweep()

        yield Desk(self.folder, publish)

    def _sweep(self) -> None:
        for place in self.folder.rglob(".*.part"):
            if PART.fullmatch(place.name):
                with suppress(OSError):
                    place.unlink()

    def _output(self, path: Path) -> Output:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return Output(path.relative_to(self.folder).as_posix(), path.stat().st_size, digest)


def _below(folder: Path, prefix: str, skip: str) -> Iterator[Item]:
    try:
        entries = os.scandir(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed: {error.strerror}") from error
    with entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.name.startswith(".") or name == skip:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path), f"{name}/", skip)
            elif is_wanted(entry.name):
                yield Item.of(name, OnDisk(Path(entry.path)))

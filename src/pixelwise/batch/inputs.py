"""What a batch works on: a folder, a glob, or a list, never held in memory as a whole."""

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePath

from pixelwise.errors import InputError, UsageError
from pixelwise.io import FORMATS
from pixelwise.io.files import suffix_of

__all__ = ["Item", "items_of", "refuse_overlap"]

LIST = "@"
"""``@names.txt`` is a file with one path a line."""
READ = tuple(name for name in FORMATS if not name.endswith((".json", ".stl", ".ply", ".obj")))
"""Suffixes that are taken for pictures and volumes when a folder is listed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One input in the state in which it was listed.

    Args:
        name: Its path below the root, with ``/``: its identity, and the place of its outputs.
        path: Where it is.
        size: Its bytes; -1: it was gone when it was listed.
        mtime_ns: When it was changed last.
    """

    name: str
    path: Path
    size: int
    mtime_ns: int

    @property
    def key(self) -> bytes:
        """Identity of the item in this state, 16 bytes: one that was changed has another.

        >>> Item("a", Path("x/a"), 1, 2).key == Item("a", Path("y/a"), 1, 2).key
        True
        """
        state = f"\0{self.size}\0{self.mtime_ns}".encode()
        return blake2b(os.fsencode(self.name) + state, digest_size=16).digest()


def items_of(source: str, output: Path) -> Iterator[Item]:
    """Yield the inputs, in no certain order; what lies in ``output`` is left out.

    Args:
        source: A folder (with its sub-folders), a file, a glob (``**`` goes down), or ``@LIST``.
        output: The folder of the outputs.

    Raises:
        InputError: There is no such folder, file or list.
    """
    if source.startswith(LIST):
        listing = Path(source.removeprefix(LIST))
        if not listing.is_file():
            raise InputError(f"{listing}: there is no such list", reason="missing")
        return _listed(listing)
    place = Path(source)
    if place.is_dir():
        return _below(place, "", output.resolve())
    if place.exists():
        return iter([_item(place.name, place)])
    if glob.has_magic(source):
        return _matching(source, output)
    raise InputError(f"{source}: there is no such folder or file", reason="missing")


def refuse_overlap(source: str, output: Path) -> None:
    """Raise when outputs would land among the inputs; a folder below them is fine.

    Raises:
        UsageError: The output folder is the input folder, or holds it.
    """
    place = Path(source)
    if place.is_dir() and place.resolve().is_relative_to(output.resolve()):
        raise UsageError(
            f"the output folder {output} holds the input folder {source};"
            " give a folder beside or below the inputs"
        )


def _below(folder: Path, prefix: str, output: Path) -> Iterator[Item]:
    """Yield the pictures of a folder and its sub-folders; hidden ones and links to folders not."""
    try:
        entries = os.scandir(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed: {error.strerror}") from error
    with entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if Path(entry.path).resolve() != output:
                    yield from _below(Path(entry.path), f"{name}/", output)
            elif suffix_of(PurePath(entry.name)) in READ:
                yield _item(name, Path(entry.path))


def _matching(pattern: str, output: Path) -> Iterator[Item]:
    parts = PurePath(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    here = output.resolve()
    for path in root.glob("/".join(parts[fixed:])):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in PurePath(name).parts)
        if not hidden and path.is_file() and here not in path.resolve().parents:
            yield _item(name, path)


def _listed(file: Path) -> Iterator[Item]:
    """Yield what a list names; paths in it are relative to its folder."""
    try:
        lines = file.open(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise InputError(f"{file}: the list cannot be read: {error.strerror}") from error
    with lines:
        for line in lines:
            text = line.rstrip("\r\n")
            if text:
                yield _item(_below_root(text), file.parent / text)


def _below_root(text: str) -> str:
    """Return a listed path as one that cannot leave the output folder.

    >>> _below_root("/data/a.jpg"), _below_root("x/../../b.jpg")
    ('data/a.jpg', 'b.jpg')
    """
    path = PurePath(os.path.normpath(text))
    kept = [part for part in path.parts if part not in (path.anchor, "..")]
    return "/".join(kept)


def _item(name: str, path: Path) -> Item:
    try:
        state = path.stat()
    except OSError:
        return Item(name, path, -1, 0)
    return Item(name, path, state.st_size, state.st_mtime_ns)

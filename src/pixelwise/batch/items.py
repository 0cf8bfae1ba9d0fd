"""One input of a batch: its name, and where its bytes are."""

import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Protocol

from pixelwise.core import Image
from pixelwise.io import FORMATS
from pixelwise.io.files import read, suffix_of
from pixelwise.io.format import Reading

__all__ = ["GONE", "Item", "OnDisk", "Origin", "is_wanted"]

GONE = (-1, 0)
"""State of what is not there."""
READ = tuple(name for name in FORMATS if not name.endswith((".json", ".stl", ".ply", ".obj")))
"""Suffixes that are taken for pictures and volumes when a folder or an archive is listed."""


class Origin(Protocol):
    """Where the bytes of an item are; ``str(origin)`` is for people."""

    def state(self) -> tuple[int, int]:
        """Return the bytes it has and a number that changes when it does; GONE without it."""

    def read(self, rules: Reading) -> Image:
        """Return the picture.

        Raises:
            InputError: It cannot be read.
            LimitError: It asks for too much.
        """


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file of its own."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def state(self) -> tuple[int, int]:
        """Return its bytes and when it was changed last, in ns."""
        try:
            state = self.path.stat()
        except OSError:
            return GONE
        return state.st_size, state.st_mtime_ns

    def read(self, rules: Reading) -> Image:
        """Return the picture."""
        return read(self.path, rules)


@dataclass(frozen=True, slots=True)
class Item:
    """One input in the state in which it was listed.

    Args:
        name: Its path below the root, with ``/``: its identity, and the place of its outputs.
        origin: Where it is.
        size: Its bytes; -1: it was gone when it was listed.
        version: Changes when it does: for files when it was changed last, in ns.
    """

    name: str
    origin: Origin
    size: int
    version: int

    @classmethod
    def of(cls, name: str, origin: Origin) -> "Item":
        """Return the item in the state in which it is now."""
        return cls(name, origin, *origin.state())

    @property
    def key(self) -> bytes:
        """Identity of the item in this state, 16 bytes: one that was changed has another.

        >>> places = OnDisk(Path("x/a")), OnDisk(Path("y/a"))
        >>> Item("a", places[0], 1, 2).key == Item("a", places[1], 1, 2).key
        True
        """
        state = f"\0{self.size}\0{self.version}".encode()
        return blake2b(os.fsencode(self.name) + state, digest_size=16).digest()


def is_wanted(name: str) -> bool:
    """Say whether a listed name is a picture or volume, and not hidden.

    >>> is_wanted("a/b.png"), is_wanted("a/.b/c.png"), is_wanted("a.txt")
    (True, False, False)
    """
    path = PurePath(name)
    return suffix_of(path) in READ and not any(part.startswith(".") for part in path.parts)

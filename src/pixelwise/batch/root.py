"""The port of the ROOTS table: a folder, on a disk or in an object store."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pixelwise.batch.items import Item
from pixelwise.batch.outcomes import Output
from pixelwise.io.format import Thing

__all__ = ["Desk", "Publish", "Root"]


class Publish(Protocol):
    """Is called after each change of a journal."""

    def __call__(self, *, is_end: bool) -> None:
        """Take notice; with ``is_end`` the run is over: all of it is brought now."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the journal of a root is written to.

    Args:
        folder: A folder of this machine.
        publish: Brings what is new in it to the root.
    """

    folder: Path
    publish: Publish


class Root(Protocol):
    """A folder with names below it; travels to worker processes. ``str(root)`` is for people.

    Args:
        place: A path or an address.
    """

    def __init__(self, place: str) -> None: ...

    def items(self, *, skip: str) -> Iterator[Item]:
        """Yield the pictures below it, but for those below the name ``skip``.

        Raises:
            InputError: It cannot be listed.
        """

    def within(self, other: "Root") -> str | None:
        """Return its name below ``other``, empty for the same folder, None outside."""

    def has(self, names: Sequence[str]) -> bool:
        """Say whether files of all these names are there."""

    def put(self, name: str, thing: Thing) -> tuple[Output, ...]:
        """Bring a thing to the root, whole and durable, and return the files that were written.

        Raises:
            OutputError: The system refuses.
        """

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of a file; None when it is not there; empty when it is unreadable."""

    def names(self) -> Iterator[str]:
        """Yield the names of all files."""

    def kept(self) -> AbstractContextManager[Path]:
        """Return a folder of this machine with the journal as it is, to be read in the block."""

    def desk(self) -> AbstractContextManager[Desk]:
        """Return where the journal is written to while the block lasts.

        Raises:
            OutputError: The root cannot be made.
        """

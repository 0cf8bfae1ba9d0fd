"""What is wrong in annotation files: each fault with its place, whatever else is wrong there."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pixelwise.errors import PixelwiseError
from pixelwise.io.annotations.json_text import duplicates

__all__ = ["Each", "Fault", "faults_of_all", "gathered", "repeated_keys", "strictly"]

R = TypeVar("R")
T = TypeVar("T")
PLACE = re.compile(r"(?:(.*?): )?((?:\$|line \d|image\[|track\[|g\[)[^\s:]*): (.*)", re.DOTALL)
"""How readers begin a message: the file, the place in it, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in an annotation file.

    Args:
        file: The file.
        path: The place in it: a JSON path, ``line 3``, or empty for the whole.
        message: What is wrong.
        harmless: Odd, but it does not change what is read.

    >>> str(Fault("a.json", "$.images[3].width", "expected a number above 0, not -1"))
    'a.json: $.images[3].width: expected a number above 0, not -1'
    """

    file: str
    path: str
    message: str
    harmless: bool = False

    @classmethod
    def of(cls, error: PixelwiseError, file: str = "", path: str = "") -> "Fault":
        """Return what an error says; what its message tells of the place comes first.

        >>> Fault.of(PixelwiseError("a.json: $.size: no list")).path
        '$.size'
        """
        told = PLACE.fullmatch(str(error))
        if told is None:
            return cls(file, path, str(error))
        return cls(told[1] or file, told[2], told[3])

    def __str__(self) -> str:
        mild = "harmless" if self.harmless else ""
        return ": ".join(filter(None, (self.file, self.path, mild, self.message)))


class Each(Protocol):
    """Reads the rows of a file, one after the other."""

    def __call__(self, rows: Iterable[R], read: Callable[[R], T]) -> list[T]:
        """Return what was read."""
        ...


def strictly(rows: Iterable[R], read: Callable[[R], T]) -> list[T]:
    """Return what is read from each row; what is wrong in one ends it."""
    return [read(row) for row in rows]


def gathered(file: str, read: Callable[[Each], object]) -> list[Fault]:
    """Return everything that is wrong for a reader.

    Args:
        file: Its name, for those messages that do not say it.
        read: Reads the file; its rows by what it is given, which goes on behind damaged ones. An
            iterator that it returns is gone through.
    """
    faults: list[Fault] = []

    def leniently(rows: Iterable[R], read: Callable[[R], T]) -> list[T]:
        made = []
        for row in rows:
            try:
                made.append(read(row))
            except PixelwiseError as error:
                faults.append(Fault.of(error, file))
        return made

    try:
        made = read(leniently)
        if isinstance(made, Iterator):
            deque(made, maxlen=0)
    except PixelwiseError as error:
        faults.append(Fault.of(error, file))
    return faults


def faults_of_all(rows: Iterable[R], read: Callable[[R], object]) -> Iterator[Fault]:
    """Yield the first fault of each of some files."""
    for row in rows:
        try:
            read(row)
        except PixelwiseError as error:
            yield Fault.of(error)


def repeated_keys(data: bytes, file: str, path: str = "$") -> Iterator[Fault]:
    """Yield the keys that stand twice in one object of a JSON text; what is no JSON has none."""
    try:
        found = list(duplicates(data))
    except (ValueError, RecursionError):
        return
    for key, number in found:
        yield Fault(file, f"{path}.{key}", f"the key stands {number} times")

"""The rows of large JSON files, found without parsing them: COCO's top-level arrays of objects.

The bytes are scanned once, in parts, for quotes and brackets; what is kept is where each row of
each array begins and ends. Rows are parsed when they are asked for. So a file may be larger than
memory, and its index is made in a fraction of the time that parsing takes.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.io.annotations.json_text import DEEPEST, Reader, lawful_json
from pixelwise.io.sources import shown

__all__ = ["JsonTables", "Spans"]

PART = 1 << 24
"""Bytes that are scanned at a time."""
KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*\Z')
LONGEST_KEY = 256
DIGITS = 24
"""Bytes after a key in which its number stands."""
QUOTE, BACKSLASH, COLON, MINUS = 34, 92, 58, 45
BLANKS = np.frombuffer(b" \t\r\n:", np.uint8)

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Where the rows of one array stand: (N,) int64 first byte and byte after the last."""

    first: Ints
    past: Ints

    def __len__(self) -> int:
        return len(self.first)


class JsonTables:
    """A JSON file that is an object of arrays of objects, or one such array (called ``""``).

    Args:
        path: The file.

    Raises:
        InputError: It is missing, empty, no such JSON, or nested too deep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = _mapped(path)
        self._bytes = np.frombuffer(self._data, np.uint8)
        scan = _Scan(self._data, self._bytes, shown(path))
        scan.run()
        self._open, self._keys = scan.keys()
        self.arrays = scan.arrays()

    def count(self, name: str) -> int:
        """Return how many rows an array has.

        Raises:
            InputError: There is no such array.
        """
        return len(self._spans(name))

    def rows(self, name: str) -> Iterator[Reader]:
        """Yield the rows of an array, parsed one by one."""
        for place in range(self.count(name)):
            yield self.row(name, place)

    def row(self, name: str, place: int) -> Reader:
        """Return one row.

        Raises:
            InputError: It is no JSON.
        """
        where = self.path_of(name, place)
        return Reader(lawful_json(self.bytes_of(name, place), where), where)

    def path_of(self, name: str, place: int) -> str:
        """Return the JSON path of one row."""
        return f"$.{name}[{place}]" if name else f"$[{place}]"

    def bytes_of(self, name: str, place: int) -> bytes:
        """Return the text of one row."""
        spans = self._spans(name)
        return self._data[int(spans.first[place]) : int(spans.past[place])]

    def whole_numbers(self, name: str, key: str) -> Ints:
        """Return a column of whole numbers, (N,) int64, without parsing the rows.

        Raises:
            InputError: A row has no such number, or it is negative or too large.
        """
        spans = self._spans(name)
        places = self._values(spans, key)
        numbers = np.full(len(spans), -1, np.int64)
        found = np.flatnonzero(places >= 0)
        numbers[found] = _parsed(self._bytes, places[found])
        for place in np.flatnonzero(numbers < 0):
            numbers[place] = self.row(name, int(place)).whole(key, 0)
        return numbers

    def _spans(self, name: str) -> Spans:
        if name not in self.arrays:
            known = ", ".join(self.arrays) or "none"
            raise InputError(
                f"{shown(self.path)}: expected a list {name!r} of objects; it has: {known}",
                reason="json",
            )
        return self.arrays[name]

    def _values(self, spans: Spans, key: str) -> Ints:
        """Return for each row the byte after ``"key"``, -1 where the key is not in the row."""
        wanted = np.frombuffer(key.encode(), np.uint8)
        first, last = np.searchsorted(self._open, [spans.first[:1].sum(), spans.past[-1:].sum()])
        opened = self._open[first:last]
        closed = self._keys[first:last]
        hits = np.flatnonzero(closed - opened == len(wanted) + 1)
        for place in (len(wanted) - 1, 0, *range(1, len(wanted) - 1)):
            if place < len(wanted):
                hits = hits[self._bytes[opened[hits] + 1 + place] == wanted[place]]
        values = np.full(len(spans), -1, np.int64)
        rows = np.searchsorted(spans.first, opened[hits], side="right") - 1
        values[rows] = closed[hits] + 1
        return values


class _Scan:
    """One pass over the bytes, part by part."""

    def __init__(self, data: mmap.mmap, values: Bytes, name: str) -> None:
        self.data, self.values, self.name = data, values, name
        self.in_string = False
        self.depth = 0
        self.rows: list[tuple[Ints, Ints]] = []
        self.heads: list[Ints] = []
        self.strings: list[tuple[Ints, Ints]] = []
        self.pending: list[int] = []
        self.top = b""

    def run(self) -> None:
        """Scan everything.

        Raises:
            InputError: It is no object or list, too deep, or ends too early.
        """
        self.top = self.data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if self.top not in (b"{", b"["):
            raise InputError(f"{self.name}: expected JSON: an object or a list", reason="json")
        start, total = 0, len(self.values)
        while start < total:
            end = min(start + PART, total)
            while end < total and self.values[end - 1] == BACKSLASH:
                end += 1
            self._part(start, end)
            start = end
        if self.depth or self.in_string:
            raise InputError(f"{self.name}: the JSON ends too early", reason="truncated")

    def _part(self, start: int, end: int) -> None:
        part = self.values[start:end]
        quotes = _unescaped(part, np.flatnonzero(part == QUOTE))
        folded = part | 32  # [ and { become {, ] and } become }
        marks = np.flatnonzero((folded == 123) | (folded == 125))
        outside = (np.searchsorted(quotes, marks) + self.in_string) % 2 == 0
        marks = marks[outside]
        steps = np.where(folded[marks] == 123, 1, -1)
        depths = self.depth + np.cumsum(steps)
        if depths.size and (depths.max() > DEEPEST or depths.min() < 0):
            raise InputError(
                f"{self.name}: JSON nested deeper than {DEEPEST} levels, or brackets do not match",
                reason="json",
            )
        self._note_rows(marks + start, steps, depths)
        self._note_strings(quotes, marks, depths, start)
        self.in_string = bool((len(quotes) + self.in_string) % 2)
        self.depth = int(depths[-1]) if depths.size else self.depth

    def _note_rows(self, marks: Ints, steps: Ints, depths: Ints) -> None:
        level = self.level
        opened = marks[(steps == 1) & (depths == level)]
        closed = marks[(steps == -1) & (depths == level - 1)] + 1
        self.rows.append((opened, closed))
        self.heads.append(marks[(steps == 1) & (depths == level - 1)])

    def _note_strings(self, quotes: Ints, marks: Ints, depths: Ints, start: int) -> None:
        """Keep the strings that stand directly in a row, keys and values."""
        quotes = quotes + start
        if self.pending:
            quotes = np.concatenate([self.pending, quotes])
        self.pending = quotes[len(quotes) - len(quotes) % 2 :].tolist()
        opened = quotes[: len(quotes) // 2 * 2 : 2]
        closed = quotes[1::2][: len(opened)]
        before = np.searchsorted(marks + start, opened)
        level = np.where(before > 0, depths[before - 1] if depths.size else 0, self.depth)
        kept = level == self.level
        self.strings.append((opened[kept], closed[kept]))

    @property
    def level(self) -> int:
        """Depth of the rows: 3 in an object of arrays, 2 in an array."""
        return 3 if self.top == b"{" else 2

    def keys(self) -> tuple[Ints, Ints]:
        """Return where the strings of the rows open and close, (K,) each."""
        return (
            np.concatenate([part[0] for part in self.strings]),
            np.concatenate([part[1] for part in self.strings]),
        )

    def arrays(self) -> dict[str, Spans]:
        """Return the spans of the rows by the key of their array.

        Raises:
            InputError: Two arrays have one key.
        """
        first = np.concatenate([part[0] for part in self.rows])
        past = np.concatenate([part[1] for part in self.rows])
        heads = np.concatenate(self.heads)
        bounds = [*np.searchsorted(first, heads).tolist(), len(first)]
        found: dict[str, Spans] = {}
        for head, low, high in zip(heads.tolist(), bounds, bounds[1:], strict=False):
            if self.values[head] != ord("["):
                continue
            key = self._key(head)
            if key in found:
                raise InputError(f"{self.name}: the key {key!r} stands twice", reason="json")
            found[key] = Spans(first[low:high], past[low:high])
        return found

    def _key(self, head: int) -> str:
        if self.top == b"[":
            return ""
        match = KEY.search(self.data[max(head - LONGEST_KEY, 0) : head])
        if match is None:
            raise InputError(f"{self.name}: no key before the list at byte {head}", reason="json")
        return str(lawful_json(b'"' + match[1] + b'"', self.name))


def _mapped(path: Path) -> mmap.mmap:
    name = shown(path)
    if not path.is_file():
        raise InputError(f"{name}: there is no such file", reason="missing")
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as error:
        raise InputError(f"{name}: expected JSON, the file is empty", reason="empty") from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}") from error


def _unescaped(part: Bytes, quotes: Ints) -> Ints:
    """Return the quotes that are not behind an odd number of backslashes."""
    kept = np.ones(len(quotes), bool)
    behind = np.flatnonzero((quotes > 0) & (part[np.maximum(quotes - 1, 0)] == BACKSLASH))
    for place in behind.tolist():
        begin = end = int(quotes[place])
        while begin > 0 and part[begin - 1] == BACKSLASH:
            begin -= 1
        kept[place] = (end - begin) % 2 == 0
    return quotes[kept]


def _parsed(values: Bytes, places: Ints) -> Ints:
    """Return the whole numbers that follow the keys; -1 where something else stands."""
    if not places.size:
        return np.zeros(0, np.int64)
    window = np.minimum(places[:, np.newaxis] + np.arange(DIGITS), len(values) - 1)
    codes = values[window]
    digit = (codes >= 48) & (codes <= 57)
    blank = np.isin(codes, BLANKS)
    begin = np.argmin(blank, axis=1)
    rows = np.arange(len(places))
    place = np.arange(DIGITS)
    ended = ~digit & (place >= begin[:, np.newaxis])
    end = np.where(ended.any(axis=1), np.argmax(ended, axis=1), DIGITS)
    number = np.zeros(len(places), np.int64)
    for step in range(16):
        here = np.minimum(begin + step, DIGITS - 1)
        inside = begin + step < end
        number = np.where(inside, number * 10 + codes[rows, here] - 48, number)
    lawful = np.isin(
        codes[rows, np.minimum(end, DIGITS - 1)], np.frombuffer(b",} \t\r\n", np.uint8)
    )
    sound = lawful & (end > begin) & (end - begin <= 15) & (end < DIGITS)
    return np.where(sound, number, -1)

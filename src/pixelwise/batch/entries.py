"""The lines of a journal: one JSON object each, with the checksum of what stands before it."""

import json
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pixelwise.batch.outcomes import Done, Failed, Output

__all__ = ["Entry", "Kept", "entries", "latest", "opened", "sealed"]

MARK = b', "check": "'


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: an item that is done (``outputs``) or failed (``error``).

    Args:
        input: Its name.
        key: Its identity in the state in which it was worked on.
        outputs: What was written.
        error: Class of the error; empty when it is done.
        reason: Code of the error.
        message: The error in one line.
    """

    input: str
    key: str
    outputs: tuple[Output, ...] = ()
    error: str = ""
    reason: str = ""
    message: str = ""

    @classmethod
    def of(cls, outcome: Done | Failed) -> "Entry":
        """Return the line for an outcome."""
        item = outcome.item
        if isinstance(outcome, Done):
            return cls(item.name, item.key.hex(), outcome.outputs)
        error = (outcome.error, outcome.reason, outcome.message)
        return cls(item.name, item.key.hex(), (), *error)

    def line(self) -> bytes:
        """Return the entry as a line of the journal."""
        fields = asdict(self)
        hidden = ("outputs",) if self.error else ("error", "reason", "message")
        return sealed({name: value for name, value in fields.items() if name not in hidden})

    def failure(self) -> bytes:
        """Return the entry as a line of ``failures.jsonl``."""
        names = ("input", "error", "reason", "message")
        return json.dumps({name: getattr(self, name) for name in names}).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """The lines of a journal that count: the last one of each input.

    Args:
        places: int64 (N,), their offsets in the file, in the order of the names' hashes.
        damaged: How many lines could not be read.
        is_final: Whether the file holds just these, in this order, and no failure.
    """

    places: NDArray[np.int64]
    damaged: int
    is_final: bool


def _unseen(_: Entry) -> None:
    """Take no notice."""


def latest(path: Path, see: Callable[[Entry], None] = _unseen) -> Kept:
    """Return the lines that count, showing each line that is whole to ``see``.

    Takes 16 bytes of memory for each line, besides what ``see`` keeps.
    """
    names, places, damaged, failures = bytearray(), array("q"), 0, 0
    place = 0
    with path.open("rb") as file:
        place += len(file.readline())
        for line in file:
            entry = _entry(line)
            if entry is None:
                damaged += 1
            else:
                names += blake2b(entry.input.encode(errors="surrogatepass"), digest_size=8).digest()
                places.append(place)
                failures += bool(entry.error)
                see(entry)
            place += len(line)
    digests, offsets = np.frombuffer(bytes(names), ">u8"), np.frombuffer(places, np.int64)
    order = np.argsort(digests, kind="stable")
    last = np.append(digests[order][1:] != digests[order][:-1], True)[: len(order)]
    kept = offsets[order][last]
    is_final = not damaged and not failures and np.array_equal(kept, offsets)
    return Kept(kept, damaged, is_final)


def _entries_at(file: BinaryIO, places: NDArray[np.int64]) -> Iterator[Entry]:
    for place in places.tolist():
        file.seek(place)
        entry = _entry(file.readline())
        if entry is not None:
            yield entry


def entries(path: Path, kept: Kept) -> Iterator[Entry]:
    """Yield the lines that count."""
    with path.open("rb") as file:
        yield from _entries_at(file, kept.places)


def sealed(fields: Mapping[str, Any]) -> bytes:
    """Return the fields as a line that ends with its checksum.

    >>> opened(sealed({"a": 1})), opened(sealed({"a": 1}).replace(b"1", b"2", 1))
    ({'a': 1}, None)
    """
    body = json.dumps(fields, ensure_ascii=True)[:-1].encode()
    return body + MARK + _checksum(body) + b'"}\n'


def opened(line: bytes) -> dict[str, Any] | None:
    """Return the fields of a line whose checksum is right."""
    body, mark, rest = line.rpartition(MARK)
    if not mark or rest != _checksum(body) + b'"}\n':
        return None
    fields: dict[str, Any] = json.loads(body + b"}")
    return fields


def _entry(line: bytes) -> Entry | None:
    fields = opened(line)
    if fields is None:
        return None
    outputs = tuple(Output(**output) for output in fields.pop("outputs", ()))
    return Entry(outputs=outputs, **fields)


def _checksum(body: bytes) -> bytes:
    return sha256(body).hexdigest()[:16].encode()

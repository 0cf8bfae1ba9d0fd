"""What a ``.tflite`` file says of itself: labels, and how its input is normalised.

Source:
    TensorFlow Lite's schema.fbs and metadata_schema.fbs (Apache-2.0): tables and their fields.
    Labels lie in a ZIP archive that is appended to the file.
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TfliteFacts", "facts_of"]

MODEL_BUFFERS, MODEL_METADATA = 4, 6
ENTRY_NAME, ENTRY_BUFFER = 0, 1
BUFFER_DATA = 0
FACTS_GRAPHS, GRAPH_INPUTS, TENSOR_UNITS = 3, 2, 4
UNIT_KIND, UNIT_OPTIONS, NORMALISATION = 0, 1, 1
MEAN, STD = 0, 1
"""Places of the fields in their tables."""

LONGEST_LABELS = 1 << 20
"""Bytes of a label file; more is not a list of names."""


@dataclass(frozen=True, slots=True)
class TfliteFacts:
    """What the file says; empty where it says nothing.

    Args:
        labels: Names of the classes, in the network's order.
        mean: Taken off the levels 0..255 of each channel.
        std: Then divided by.
    """

    labels: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


def facts_of(path: Path) -> TfliteFacts:
    """Return what a ``.tflite`` file says of itself; what cannot be read is left empty."""
    try:
        mean, std = _normalisation(_Reader(path.read_bytes()))
    except (struct.error, IndexError, UnicodeDecodeError):
        mean, std = (), ()
    return TfliteFacts(_labels(path), mean, std)


def _labels(path: Path) -> tuple[str, ...]:
    if not zipfile.is_zipfile(path):
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            rows = [row for row in archive.infolist() if row.filename.endswith("labels.txt")]
            if not rows or rows[0].file_size > LONGEST_LABELS:
                return ()
            lines = archive.read(rows[0]).decode("utf-8").splitlines()
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, OSError):
        return ()
    return tuple(line.strip() for line in lines if line.strip())


def _normalisation(file: "_Reader") -> tuple[tuple[float, ...], tuple[float, ...]]:
    model = file.root(0)
    buffers = list(file.tables(model, MODEL_BUFFERS))
    for entry in file.tables(model, MODEL_METADATA):
        if file.text(entry, ENTRY_NAME) != "TFLITE_METADATA":
            continue
        data = file.bytes(buffers[file.number(entry, ENTRY_BUFFER)], BUFFER_DATA)
        return _first_unit(_Reader(data))
    return (), ()


def _first_unit(facts: "_Reader") -> tuple[tuple[float, ...], tuple[float, ...]]:
    for graph in facts.tables(facts.root(0), FACTS_GRAPHS):
        for tensor in facts.tables(graph, GRAPH_INPUTS):
            for unit in facts.tables(tensor, TENSOR_UNITS):
                if facts.byte(unit, UNIT_KIND) == NORMALISATION:
                    options = facts.table(unit, UNIT_OPTIONS)
                    return facts.floats(options, MEAN), facts.floats(options, STD)
    return (), ()


class _Reader:
    """Reads tables of a flatbuffer by the place of their fields."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def root(self, place: int) -> int:
        return place + self._at("<I", place)

    def table(self, table: int, field: int) -> int:
        place = self._field(table, field)
        return place + self._at("<I", place)

    def tables(self, table: int, field: int) -> Iterator[int]:
        begin, count = self._vector(table, field)
        for number in range(count):
            place = begin + 4 * number
            yield place + self._at("<I", place)

    def number(self, table: int, field: int) -> int:
        place = self._field(table, field)
        return self._at("<I", place) if place else 0

    def byte(self, table: int, field: int) -> int:
        place = self._field(table, field)
        return self._data[place] if place else 0

    def bytes(self, table: int, field: int) -> bytes:
        begin, count = self._vector(table, field)
        return self._data[begin : begin + count]

    def text(self, table: int, field: int) -> str:
        return self.bytes(table, field).decode("utf-8")

    def floats(self, table: int, field: int) -> tuple[float, ...]:
        begin, count = self._vector(table, field)
        return struct.unpack_from(f"<{count}f", self._data, begin)

    def _vector(self, table: int, field: int) -> tuple[int, int]:
        place = self._field(table, field)
        if not place:
            return 0, 0
        begin = place + self._at("<I", place)
        return begin + 4, min(self._at("<I", begin), len(self._data))

    def _field(self, table: int, field: int) -> int:
        """Return the place of a field, 0 where the table has it not."""
        directory = table - self._at("<i", table)
        entry = 4 + 2 * field
        if entry >= self._at("<H", directory):
            return 0
        offset = self._at("<H", directory + entry)
        return table + offset if offset else 0

    def _at(self, form: str, place: int) -> int:
        return int(struct.unpack_from(form, self._data, place)[0])

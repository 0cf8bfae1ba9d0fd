"""Directories of TIFF files and EXIF blocks: read with every offset checked."""

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.io.codecs.raw import corrupt

__all__ = ["Directory", "Layout", "directories", "layout_of", "only", "orientation_of"]

ORIENTATION = 274
MOST_PAGES = 100_000
DTYPES = {
    1: "u1", 2: "u1", 3: "u2", 4: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4",
    11: "f4", 12: "f8", 13: "u4", 16: "u8", 17: "i8", 18: "u8",
}  # fmt: skip
"""TIFF field type -> numpy type; rationals (5, 10) are not needed here."""
File = bytes | mmap
"""A whole file, read or mapped."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte order and width of a TIFF file.

    Args:
        order: ``"<"`` or ``">"``.
        big: Whether it is a BigTIFF.
        first: Offset of the first directory.
    """

    order: Literal["<", ">"]
    big: bool
    first: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The fields of one page.

    Args:
        data: The whole file.
        order: Byte order.
        fields: Tag -> (type, count, offset of the values).
    """

    data: File
    order: Literal["<", ">"]
    fields: dict[int, tuple[int, int, int]]

    def values(self, tag: int) -> NDArray[Any]:
        """Return the numbers of a field; none when it is missing.

        Raises:
            InputError: They lie outside the file or are no numbers.
        """
        if tag not in self.fields:
            return np.zeros(0, np.uint8)
        kind, count, offset = self.fields[tag]
        if kind not in DTYPES:
            raise corrupt("TIFF", f"field {tag} has the type {kind}")
        dtype = np.dtype(DTYPES[kind]).newbyteorder(self.order)
        if offset < 0 or offset + count * dtype.itemsize > len(self.data):
            raise corrupt("TIFF", f"field {tag} lies outside the file")
        return np.frombuffer(self.data, dtype, count, offset)

    def number(self, tag: int, default: int) -> int:
        """Return the first number of a field, or ``default``."""
        values = self.values(tag)
        return int(values[0]) if values.size else default


def layout_of(data: File) -> Layout:
    """Return byte order, width and first directory of a TIFF file.

    Raises:
        InputError: The header is not one of a TIFF file.
    """
    if data[:2] not in (b"II", b"MM") or len(data) < 8:
        raise corrupt("TIFF", "its header is incomplete")
    order: Literal["<", ">"] = "<" if data[:2] == b"II" else ">"
    (version,) = struct.unpack(order + "H", data[2:4])
    if version not in (42, 43):
        raise corrupt("TIFF", f"its version is {version}")
    if version == 42:
        return Layout(order, big=False, first=struct.unpack(order + "I", data[4:8])[0])
    if len(data) < 16:
        raise corrupt("TIFF", "its header is incomplete")
    return Layout(order, big=True, first=struct.unpack(order + "Q", data[8:16])[0])


def directories(data: File) -> list[Directory]:
    """Return the pages of a TIFF file in order.

    Raises:
        InputError: A directory lies outside the file, or the chain goes round in a circle.
    """
    layout = layout_of(data)
    pages: list[Directory] = []
    seen: set[int] = set()
    offset = layout.first
    while offset:
        if offset in seen or len(pages) >= MOST_PAGES:
            raise corrupt("TIFF", "its chain of pages goes round in a circle")
        seen.add(offset)
        page, offset = _directory(data, layout, offset)
        pages.append(page)
    if not pages:
        raise corrupt("TIFF", "it has no page")
    return pages


def only(data: bytes, tags: frozenset[int]) -> bytes:
    """Return a TIFF file whose one directory is the first of ``data``, without other fields.

    Decoders then meet only fields that were checked, and have nothing to warn about.

    Raises:
        InputError: The directory lies outside the file.
    """
    layout = layout_of(data)
    head, entry, link = _structs(layout)
    (count,) = head.unpack_from(data, layout.first)
    start = layout.first + head.size
    places = range(start, start + count * entry.size, entry.size)
    rows = [data[place : place + entry.size] for place in places]
    rows = [row for row in rows if entry.unpack(row)[0] in tags]
    body = data + bytes(len(data) % 2)
    page = head.pack(len(rows)) + b"".join(rows) + link.pack(0)
    begin = body[:8] if layout.big else body[:4]
    return b"".join((begin, link.pack(len(body)), body[len(begin) + link.size :], page))


def orientation_of(exif: bytes) -> int:
    """Return the EXIF orientation 1..8; 1 for what is missing, out of range or damaged.

    Args:
        exif: An EXIF block, with or without its ``Exif`` prefix.

    >>> entry = struct.pack(">HHIHH", 274, 3, 1, 6, 0)
    >>> orientation_of(struct.pack(">2sHIH", b"MM", 42, 8, 1) + entry + bytes(4))
    6
    """
    if not exif:
        return 1
    data = exif.removeprefix(b"Exif\0\0")
    try:
        layout = layout_of(data)
        page, _ = _directory(data, layout, layout.first)
        value = page.number(ORIENTATION, 1)
    except InputError:
        return 1
    return value if 1 <= value <= 8 else 1


def _structs(layout: Layout) -> tuple[struct.Struct, struct.Struct, struct.Struct]:
    """Return how the number of fields, one field and an offset are stored."""
    forms = ("Q", "HHQ8s", "Q") if layout.big else ("H", "HHI4s", "I")
    head, entry, link = (struct.Struct(layout.order + form) for form in forms)
    return head, entry, link


def _directory(data: File, layout: Layout, offset: int) -> tuple[Directory, int]:
    """Return the directory at ``offset`` and the offset of the next one."""
    head, entry, link = _structs(layout)
    if offset + head.size > len(data):
        raise corrupt("TIFF", "a page lies outside the file")
    (count,) = head.unpack_from(data, offset)
    start = offset + head.size
    end = start + count * entry.size
    if end > len(data):
        raise corrupt("TIFF", "a page lies outside the file")
    fields: dict[int, tuple[int, int, int]] = {}
    for position in range(start, end, entry.size):
        tag, kind, number, _ = entry.unpack_from(data, position)
        place = position + entry.size - link.size
        length = number * np.dtype(DTYPES.get(kind, "u8")).itemsize
        if length > link.size:
            (place,) = link.unpack_from(data, place)
        fields.setdefault(tag, (kind, number, place))
    following = link.unpack_from(data, end)[0] if end + link.size <= len(data) else 0
    return Directory(data, layout.order, fields), following

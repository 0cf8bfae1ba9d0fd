"""Reads of an ONNX file only what must be known before it is opened: which files it points to."""

from collections.abc import Iterator
from typing import Final

from pixelwise.errors import ModelError

__all__ = ["external_files"]

# Message -> field -> the message in that field; as published in onnx.proto.
_SHAPE: Final = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse",
    },
    "tensor": {13: "entry"},
    "entry": {},
}  # fmt: skip

DEEPEST = 64
"""Graphs inside graphs; more is an attack."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types of protobuf."""


def external_files(data: bytes, name: str) -> list[str]:
    """Return what the tensors of an ONNX model name as their places outside the file.

    Args:
        data: All bytes of the file.
        name: Of the file, for messages.

    Raises:
        ModelError: The bytes are not an ONNX model.

    >>> external_files(bytes([0x08, 0x07]), "net.onnx")
    []
    """
    try:
        return list(_walk(memoryview(data), "model", 0))
    except ValueError as error:
        raise ModelError(f"{name} is damaged: {error}; get it again") from error


def _walk(data: memoryview, kind: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError(f"it nests graphs more than {DEEPEST} deep")
    for field, value in _fields(data):
        inner = _SHAPE[kind].get(field)
        if inner == "entry":
            pair = dict(_fields(value))
            if bytes(pair.get(1, b"")) == b"location":
                yield bytes(pair.get(2, b"")).decode("utf-8", "replace")
        elif inner is not None:
            yield from _walk(value, inner, depth + 1)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and content of each field that holds bytes; skip the others."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        wire = key & 7
        if wire == VARINT:
            _, place = _varint(data, place)
        elif wire == BYTES:
            length, place = _varint(data, place)
            if place + length > len(data):
                raise ValueError("a part of it ends behind the file's end")
            yield key >> 3, data[place : place + length]
            place += length
        elif wire in (FIXED64, FIXED32):
            place += 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"it has a field of unknown kind {wire}")


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 64:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("it ends in the middle of a number")

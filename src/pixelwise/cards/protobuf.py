"""Just enough of the protobuf wire format to tell an ONNX model and what it refers to.

Source:
    protobuf encoding guide; field numbers from onnx.proto (onnx/onnx, Apache-2.0): ModelProto
    ir_version 1, graph 7, opset_import 8; GraphProto node 1, name 2, initializer 5, input 11,
    output 12; NodeProto op_type 4, attribute 5, domain 7; AttributeProto t 5, g 6, tensors 10,
    graphs 11; TensorProto external_data 13, data_location 14; OperatorSetId domain 1, version 2.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

__all__ = ["fields_of", "looks_like_onnx", "varint"]

Buffer = bytes | mmap.mmap | memoryview
Field = tuple[int, int, int, int]
"""Number, wire type, and begin and end of the value (for varints: the value, and its end)."""


def varint(data: Buffer, at: int, end: int) -> tuple[int, int]:
    """Return the number at ``at`` and the place behind it.

    Raises:
        ValueError: It does not end within ten bytes or before ``end``.

    >>> varint(bytes([0xAC, 0x02]), 0, 2)
    (300, 2)
    """
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number of the file does not end")


def fields_of(data: Buffer, begin: int, end: int) -> Iterator[Field]:
    """Yield the fields of a message.

    Raises:
        ValueError: The bytes are not a message.
    """
    at = begin
    while at < end:
        key, at = varint(data, at, end)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at, end)
            yield number, kind, value, at
            continue
        if kind == 2:
            length, at = varint(data, at, end)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind} does not exist")
        if number == 0 or at + length > end:
            raise ValueError("a field of the file ends beyond it")
        yield number, kind, at, at + length
        at += length


def looks_like_onnx(path: Path) -> bool:
    """Say whether a file is a message with ONNX's version, graph and operator sets."""
    size = path.stat().st_size
    if size < 8:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            kinds = {number: kind for number, kind, _, _ in fields_of(data, 0, size)}
        except ValueError:
            return False
    return kinds.get(1) == 0 and kinds.get(7) == 2 and kinds.get(8) == 2

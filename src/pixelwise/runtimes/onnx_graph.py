"""Just enough of the protobuf wire format to write an ONNX graph of a few operations.

Source:
    protobuf encoding guide; field numbers from onnx.proto (onnx/onnx, Apache-2.0).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Graph", "Operation"]

FLOAT = 1
"""TensorProto.DataType."""
IR_VERSION = 9
OPSET = 20
"""First opset with Gelu."""
INT, INTS, REAL = 2, 7, 1
"""AttributeProto.AttributeType."""

Attribute = int | float | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One node of the graph.

    Args:
        kind: Name of the operation in ONNX.
        takes: Names of its inputs.
        gives: Name of its output.
        attributes: Its attributes.
    """

    kind: str
    takes: tuple[str, ...]
    gives: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return it as a NodeProto."""
        parts = [_part(1, name.encode()) for name in self.takes]
        parts += [_part(2, self.gives.encode()), _part(4, self.kind.encode())]
        parts += [_part(5, _attribute(name, value)) for name, value in self.attributes.items()]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph with one input and one output of float32.

    Args:
        operations: In the order in which they run.
        weights: Constant tensors by name, float32.
        takes: Name and shape of the input; a text is an open side.
        gives: Name and shape of the output.
    """

    operations: Sequence[Operation]
    weights: Mapping[str, NDArray[np.float32]]
    takes: tuple[str, tuple[int | str, ...]]
    gives: tuple[str, tuple[int | str, ...]]

    def encode(self) -> bytes:
        """Return it as the bytes of an ``.onnx`` file.

        >>> one = ("x", (1,))
        >>> Graph([Operation("Elu", ("x",), "y")], {}, one, ("y", (1,))).encode()[:2].hex()
        '0809'
        """
        graph = b"".join(_part(1, operation.encode()) for operation in self.operations)
        graph += _part(2, b"graph")
        graph += b"".join(_part(5, _tensor(name, held)) for name, held in self.weights.items())
        graph += _part(11, _value(*self.takes)) + _part(12, _value(*self.gives))
        opset = _part(1, b"") + _number(2, OPSET)
        return _number(1, IR_VERSION) + _part(7, graph) + _part(8, opset)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _number(place: int, value: int) -> bytes:
    return _varint(place << 3) + _varint(value)


def _part(place: int, content: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(content)) + content


def _attribute(name: str, value: Attribute) -> bytes:
    head = _part(1, name.encode())
    match value:
        case float():
            return head + _varint(2 << 3 | 5) + np.float32(value).tobytes() + _number(20, REAL)
        case int():
            return head + _number(3, value) + _number(20, INT)
    return head + b"".join(_number(8, each) for each in value) + _number(20, INTS)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    sides = b"".join(_number(1, side) for side in values.shape)
    raw = np.ascontiguousarray(values, "<f4").tobytes()
    return sides + _number(2, FLOAT) + _part(8, name.encode()) + _part(9, raw)


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    sides = b"".join(
        _part(1, _part(2, side.encode()) if isinstance(side, str) else _number(1, side))
        for side in shape
    )
    tensor = _number(1, FLOAT) + _part(2, sides)
    return _part(1, name.encode()) + _part(2, _part(1, tensor))

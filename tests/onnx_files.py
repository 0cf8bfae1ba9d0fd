"""Writes tiny ONNX files by hand, as protobuf; no package for it is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FLOAT, INT64, BOOL = 1, 7, 9


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def number(place: int, value: int) -> bytes:
    return varint(place << 3) + varint(value)


def part(place: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return varint(place << 3 | 2) + varint(len(data)) + data


def value_info(name: str, shape: Sequence[int | str], kind: int = FLOAT) -> bytes:
    sides = b"".join(
        part(1, part(2, side) if isinstance(side, str) else number(1, side)) for side in shape
    )
    return part(1, name) + part(2, part(1, number(1, kind) + part(2, sides)))


def node(
    operation: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *attributes: bytes,
    domain: str = "",
) -> bytes:
    made = b"".join(part(1, name) for name in inputs) + b"".join(part(2, name) for name in outputs)
    made += part(4, operation) + b"".join(part(5, attribute) for attribute in attributes)
    return made + (part(7, domain) if domain else b"")


def graph_attribute(name: str, graph: bytes) -> bytes:
    return part(1, name) + part(6, graph) + number(20, 5)


def ints_attribute(name: str, values: Sequence[int]) -> bytes:
    return part(1, name) + b"".join(number(8, value) for value in values) + number(20, 7)


def int_attribute(name: str, value: int) -> bytes:
    return part(1, name) + number(3, value) + number(20, 2)


def constant(name: str, raw: bytes, shape: Sequence[int], kind: int) -> bytes:
    sides = b"".join(number(1, side) for side in shape)
    return sides + number(2, kind) + part(8, name) + part(9, raw)


def external(name: str, location: str) -> bytes:
    """Return a tensor of one float that says it lies in another file."""
    entry = part(1, "location") + part(2, location)
    return number(1, 1) + number(2, FLOAT) + part(8, name) + part(13, entry) + number(14, 1)


@dataclass(frozen=True)
class OnnxFile:
    nodes: Sequence[bytes]
    inputs: Sequence[bytes]
    outputs: Sequence[bytes]
    tensors: Sequence[bytes] = ()
    opset: int = 13
    domains: dict[str, int] = field(default_factory=dict)

    @property
    def graph(self) -> bytes:
        return (
            b"".join(part(1, each) for each in self.nodes)
            + part(2, "graph")
            + b"".join(part(5, each) for each in self.tensors)
            + b"".join(part(11, each) for each in self.inputs)
            + b"".join(part(12, each) for each in self.outputs)
        )

    @property
    def data(self) -> bytes:
        sets = part(8, part(1, "") + number(2, self.opset))
        for domain, version in self.domains.items():
            sets += part(8, part(1, domain) + number(2, version))
        return number(1, 8) + part(7, self.graph) + sets

    def write(self, path: Path) -> Path:
        path.write_bytes(self.data)
        return path


def one_node(
    operation: str, taken: Sequence[int | str], given: Sequence[int | str], *attributes: bytes
) -> OnnxFile:
    """Return a model of one operation, ``x`` in and ``y`` out."""
    return OnnxFile(
        nodes=[node(operation, ["x"], ["y"], *attributes)],
        inputs=[value_info("x", taken)],
        outputs=[value_info("y", given)],
    )

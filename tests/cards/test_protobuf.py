"""ONNX files are told by their fields."""

import pytest

from pixelwise.cards.protobuf import fields_of, looks_like_onnx, varint

ONNX = b"\x08\x08" + b"\x3a\x02\x12\x00" + b"\x42\x02\x10\x11"
"""ir_version 8, a graph, an operator set."""


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80" * 11])
def test_varint_when_it_does_not_end_then_error(data):
    with pytest.raises(ValueError, match="does not end"):
        varint(data, 0, len(data))


def test_fields_are_number_kind_begin_end():
    assert list(fields_of(ONNX, 0, len(ONNX))) == [(1, 0, 8, 2), (7, 2, 4, 6), (8, 2, 8, 10)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ONNX, True),
        (ONNX[:-1], False),  # the last field ends beyond the file
        (ONNX[2:], False),  # no version
        (ONNX + b"\x07", False),  # wire type 7
        (bytes(20), False),
        (b"\x08", False),
    ],
)
def test_looks_like_onnx_when_all_three_fields_are_there(tmp_path, data, expected):
    (tmp_path / "toy").write_bytes(data)

    assert looks_like_onnx(tmp_path / "toy") is expected

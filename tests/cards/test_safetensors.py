"""Model file 95: the header of a safetensors file is checked before it is believed."""

import json
import pickle
import time

import numpy as np
import pytest

from pixelwise.cards.contents import Content, check_content
from pixelwise.errors import ModelError

SOUND = {
    "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "bias": {"dtype": "F16", "shape": [3], "data_offsets": [24, 30]},
    "__metadata__": {"format": "pt"},
}


def written(header: object, data: bytes = bytes(30), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    return size.to_bytes(8, "little") + text + data


def row(dtype: str = "F32", shape: object = (2, 3), offsets: object = (0, 24)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_safetensors_when_sound_then_passes(tmp_path):
    path = tmp_path / "toy.safetensors"
    path.write_bytes(written(SOUND))

    assert check_content(path) is Content.SAFETENSORS


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (written(SOUND, length=10**6), "its header should be"),
        (written(SOUND, length=2**63), "its header should be"),
        (written(b'{"a": ' + b" " * 100_000_000), "over 25000000"),
        (written(b"{" + b'"a":[' * 100_000), "not JSON"),
        (written(b"{not json}"), "not JSON"),
        (
            written({f"t{n}": row(shape=[0], offsets=[0, 0]) for n in range(100_000)}),
            "100000 tensors",
        ),
        (written({"a": row(), "b": row(offsets=[12, 36])}, bytes(36)), "overlap"),
        (written({"a": row(offsets=[6, 30])}), "gap"),
        (written({"a": row(shape=[2**31, 2**31, 2**31])}, bytes(24)), "its shape others"),
        (written({"a": row(shape=[2**62, 4])}, bytes(24)), "a shape and two offsets"),
        (written({"a": row(shape=[-2, -3])}, bytes(24)), "a shape and two offsets"),
        (written({"a": row(shape=[2.0, 3])}, bytes(24)), "a shape and two offsets"),
        (written({"a": row(shape=[1] * 65)}, bytes(24)), "a shape and two offsets"),
        (written({"a": row(offsets=[24, 0])}, bytes(24)), "its shape others"),
        (written({"a": row(dtype="OBJECT")}, bytes(24)), "unknown dtype"),
        (written({"a": 1}, bytes(24)), "not described by an object"),
        (written(SOUND, bytes(30) + pickle.dumps([1], 4)), "bytes follow the header"),
        (written(SOUND, bytes(29)), "bytes follow the header"),
    ],
)
def test_safetensors_when_header_lies_then_error_within_a_second(tmp_path, data, why):
    path = tmp_path / "toy.safetensors"
    path.write_bytes(data)

    start = time.monotonic()
    with pytest.raises(ModelError, match=why):
        check_content(path)

    assert time.monotonic() - start < 1.0


def test_safetensors_when_header_is_cut_or_flipped_then_error_or_sound(tmp_path):
    path = tmp_path / "toy.safetensors"
    whole = written(SOUND)
    random = np.random.default_rng(0)
    for _ in range(200):
        data = bytearray(whole[: random.integers(1, len(whole))])
        data[random.integers(len(data))] ^= 1 << random.integers(8)
        path.write_bytes(bytes(data))
        with pytest.raises(ModelError):
            check_content(path)

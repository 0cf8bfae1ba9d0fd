import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.errors import InputError
from pixelwise.io.codecs import png_samples
from pixelwise.io.codecs.png import SIGNATURE, chunk
from pixelwise.io.codecs.png_samples import numbers, samples
from pixelwise.io.encoders import grey_png
from pixelwise.io.files import decode
from pixelwise.io.labels import read_labels

png_samples.KERNELS.warm()


def lines(generator: np.random.Generator, height: int, width: int, depth: int) -> np.ndarray:
    """Lines with a random known filter each, and content that is rare in most of them."""
    length = width * depth // 8
    share = generator.choice([0, 0.05, 0.3, 1], (height, 1))
    content = generator.integers(0, 256, (height, length)) * (
        generator.random((height, length)) < share
    )
    ways = generator.integers(0, 5, (height, 1))
    return np.hstack([ways, content]).astype(np.uint8)


def picture(body: bytes, height: int, width: int, depth: int, colour: int = 0) -> bytes:
    sides = np.array([width, height], ">u4").tobytes()
    header = chunk(b"IHDR", sides + bytes([depth, colour, 0, 0, 0]))
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if colour == 3 else b""
    return SIGNATURE + header + palette + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("libdeflate", [png_samples.LIBDEFLATE, False])
@pytest.mark.parametrize("depth", [8, 16])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), height=st.integers(1, 9), width=st.integers(1, 60))
def test_samples_when_any_filters_then_are_those_of_libpng(libdeflate, depth, seed, height, width):
    body = zlib.compress(lines(np.random.default_rng(seed), height, width, depth).tobytes())
    data = np.frombuffer(picture(body, height, width, depth), np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(png_samples, "LIBDEFLATE", libdeflate)
        found = samples(body, (height, width), depth)
        whole = numbers(body, (height, width), depth)
    assert found.dtype == (np.uint8 if depth == 8 else np.dtype(">u2"))
    theirs = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert np.array_equal(found, theirs)
    assert whole.dtype == np.int32
    assert np.array_equal(whole, theirs)


@pytest.mark.parametrize("libdeflate", [png_samples.LIBDEFLATE, False])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"no zlib", zlib.compress(bytes(29)), zlib.compress(bytes(31)),
        zlib.compress(bytes(30))[:-3], zlib.compress(bytes(10**7)), zlib.compress(bytes([9] * 30)),
    ],
)  # fmt: skip
def test_samples_when_data_are_unsound_then_none(libdeflate, body, monkeypatch):
    monkeypatch.setattr(png_samples, "LIBDEFLATE", libdeflate)
    assert samples(body, (3, 9), 8) is None


def test_samples_when_data_are_unsound_then_the_file_is_refused():
    with pytest.raises(InputError):
        decode(picture(b"no zlib", 3, 9, 8), "a.png")


@pytest.mark.parametrize(("depth", "colour"), [(8, 0), (16, 0), (8, 3)])
def test_labels_when_read_with_and_without_kernels_then_are_the_same(
    depth, colour, tmp_path, monkeypatch
):
    rows = lines(np.random.default_rng(3), 20, 30, depth)
    path = tmp_path / "a.png"
    path.write_bytes(picture(zlib.compress(rows.tobytes()), 20, 30, depth, colour))
    fast = read_labels(path)
    monkeypatch.setattr(png_samples.KERNELS, "ready", lambda: None)
    assert np.array_equal(read_labels(path), fast)


def test_labels_of_16_bits_when_written_then_take_a_fiftieth(tmp_path):
    labels = np.kron(np.arange(100, dtype=np.uint16).reshape(10, 10) * 400, np.ones((50, 50)))
    packed = grey_png(labels.astype(np.uint16))
    assert 50 * len(packed) < 2 * labels.size
    path = tmp_path / "deep.png"
    path.write_bytes(packed)
    assert np.array_equal(read_labels(path), labels)


def test_samples_when_rows_are_not_filtered_then_need_no_kernel(monkeypatch):
    monkeypatch.setattr(png_samples.KERNELS, "ready", lambda: None)
    body = zlib.compress(bytes([0, 7, 9, 0, 1, 2]))
    assert samples(body, (2, 2), 8).tolist() == [[7, 9], [1, 2]]

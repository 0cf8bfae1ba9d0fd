"""NumPy files: bad input 78 answered as the contract says, and everything else read."""

import io
import zipfile

import numpy as np
import pytest
from tests.io.volumes.test_refused import GIANT, Trap, npy, npz

from pixelwise.core import Image, Regions
from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode, encode, read, write
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

SUFFIXES = (".npy", ".npz")


def saved(array, suffix):
    stream = io.BytesIO()
    (np.save if suffix == ".npy" else np.savez)(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((4, 5), (4, 5)),
        ((4, 5, 3), (4, 5)),
        ((6, 7, 8), (6, 7, 8)),
        ((3, 4, 5, 2), (3, 4, 5)),
    ],
)
def test_array_when_read_then_a_picture_or_a_volume(shape, size, suffix):
    array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    for order in ("C", "F"):
        image = decode(saved(np.asarray(array, order=order), suffix), f"a{suffix}")
        assert image.size == size
        assert image.pixels.dtype == np.int16
        np.testing.assert_array_equal(image.pixels.reshape(shape), array)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_round_trip_when_written_then_the_same(suffix, tmp_path):
    volume = Image.volume(np.random.default_rng(0).random((5, 6, 7)).astype(np.float32))
    write(tmp_path / f"a{suffix}", volume)
    np.testing.assert_array_equal(read(tmp_path / f"a{suffix}").pixels, volume.pixels)
    labels = np.arange(30, dtype=np.int32).reshape(5, 6)
    made = decode(encode(Regions(labels), suffix), f"b{suffix}")
    np.testing.assert_array_equal(made.pixels[..., 0], labels)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_objects_when_pickled_then_refused_and_nothing_runs(suffix, tmp_path):
    data = saved(np.array([Trap(tmp_path / "trap")], object), suffix)
    with pytest.raises(InputError, match="pickle") as refused:
        decode(data, f"a{suffix}")
    assert refused.value.reason == "pickle"
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize("shape", [f"({GIANT},)", "(1048576, 1048576, 1048576)"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_shape_when_giant_then_limit_before_allocation(shape, suffix):
    giant = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}")
    with pytest.raises(LimitError, match="limit"):
        decode(giant if suffix == ".npy" else npz(giant), f"a{suffix}")


def test_bomb_when_it_unpacks_to_more_than_it_says_then_limit():
    small = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4)}", bytes(50_000_000))
    assert len(npz(small)) < 100_000
    with pytest.raises(LimitError, match="16 bytes"):
        decode(npz(small), "a.npz")
    honest = npz(saved(np.zeros((5000, 5000), np.uint8), ".npy"))
    with pytest.raises(LimitError, match="MiB"):
        decode(honest, "a.npz", Reading(limits=Limits(memory=1_000_000)))


@pytest.mark.parametrize(
    ("data", "suffix", "said"),
    [
        (b"", ".npy", "damaged"),
        (b"", ".npz", "damaged"),
        (b"\x93NUMPY\x01\x00", ".npy", "damaged"),
        (saved(np.zeros((4, 4)), ".npy")[:-3], ".npy", "expected 128 bytes, got 125"),
        (saved(np.zeros((4, 4)), ".npz")[:-30], ".npz", "damaged"),
        (saved(np.zeros(4), ".npy"), ".npy", "axes"),
        (saved(np.zeros((2, 0)), ".npy"), ".npy", "axes"),
        (saved(np.zeros((2, 2), complex), ".npy"), ".npy", "complex"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, -2)}"), ".npy", "axes"),
        (npy("{'descr': '<f8'}"), ".npy", "damaged"),
    ],
)
def test_file_when_bad_then_input_error(data, suffix, said):
    with pytest.raises(InputError, match=said):
        decode(data, f"a{suffix}")


def test_archive_when_it_holds_several_arrays_then_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("a.npy", "b.npy"):
            archive.writestr(name, saved(np.zeros((2, 2)), ".npy"))
    with pytest.raises(InputError, match="holds 2"):
        decode(stream.getvalue(), "a.npz")

"""NRRD and MetaImage: round trips in the world, real files; bad inputs 68 and 76."""

import gzip
from itertools import permutations, product

import numpy as np
import pytest

from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode, encode, read, write

ORIENTATIONS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]
SUFFIXES = [".nrrd", ".mha"]


def volume(order=(0, 1, 2), signs=(1, 1, 1), dtype=np.int16, bands=1):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * (0.5, 2.0, 3.25)[axis]
    affine[:3, 3] = (-10, 20.5, 7)
    voxels = np.arange(24 * bands).reshape(4, 3, 2, bands).astype(dtype)
    matrix = tuple(map(tuple, affine.tolist()))
    return Image(voxels, Space((3.25, 2.0, 0.5), Unit.MILLIMETRE, matrix))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS)
def test_round_trip_when_oriented_then_same_volume_in_the_world(order, signs, suffix):
    first = volume(order, signs)
    again = decode(encode(first, suffix), "a" + suffix)
    assert np.allclose(again.space.matrix, first.space.matrix, rtol=1e-15, atol=1e-15)
    assert np.array_equal(again.pixels, first.pixels)
    assert again.space.spacing == first.space.spacing


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8"])
@pytest.mark.parametrize("bands", [1, 3])
def test_round_trip_when_any_type_then_same_voxels(suffix, dtype, bands):
    first = volume(dtype=dtype, bands=bands)
    again = decode(encode(first, suffix), "a" + suffix)
    assert again.pixels.dtype == first.pixels.dtype
    assert np.array_equal(again.pixels, first.pixels)


def nrrd(*lines, body=bytes(48)):
    head = ["NRRD0004", "type: short", "dimension: 3", "sizes: 2 3 4", "endian: little", *lines]
    return ("\n".join(head) + "\n\n").encode() + body


def meta(name="LOCAL", *lines, body=bytes(48)):
    head = ["NDims = 3", "DimSize = 2 3 4", "ElementType = MET_SHORT", *lines]
    return ("\n".join([*head, f"ElementDataFile = {name}"]) + "\n").encode() + body


OUTSIDE = [
    "/etc/passwd",
    "../secret.raw",
    "sub/../../secret.raw",
    "http://example.org/a.raw",
    "file:///etc/passwd",
    "C:\\secret.raw",
    "..",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_detached_when_elsewhere_then_refused(name, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.raw").write_bytes(bytes(48))
    (folder / "a.nhdr").write_bytes(nrrd("encoding: raw", f"data file: {name}", body=b""))
    (folder / "a.mhd").write_bytes(meta(name, body=b""))
    for header in ("a.nhdr", "a.mhd"):
        with pytest.raises(InputError, match="plain name"):
            read(folder / header)


def test_detached_when_link_goes_out_then_refused(tmp_path):
    (tmp_path / "secret.raw").write_bytes(bytes(48))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.raw").symlink_to(tmp_path / "secret.raw")
    (folder / "a.mhd").write_bytes(meta("a.raw", body=b""))
    with pytest.raises(InputError, match="link"):
        read(folder / "a.mhd")


def test_detached_when_beside_then_read(tmp_path):
    voxels = np.arange(24, dtype="<i2")
    (tmp_path / "a.raw").write_bytes(voxels.tobytes())
    (tmp_path / "a.nhdr").write_bytes(nrrd("encoding: raw", "data file: a.raw", body=b""))
    (tmp_path / "a.mhd").write_bytes(meta("a.raw", body=b""))
    for header in ("a.nhdr", "a.mhd"):
        assert np.array_equal(read(tmp_path / header).pixels.ravel(), voxels)


def test_detached_when_from_bytes_then_refused():
    with pytest.raises(InputError, match="another file"):
        decode(nrrd("encoding: raw", "data file: a.raw", body=b""), "a.nhdr")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (nrrd("encoding: raw")[:-2], "a.nrrd"),
        (nrrd("encoding: gzip", body=gzip.compress(bytes(48), mtime=0)[:-9]), "a.nrrd"),
        (nrrd("encoding: hex"), "a.nrrd"),
        (nrrd("encoding: raw").replace(b"2 3 4", b"2 3 x"), "a.nrrd"),
        (nrrd("encoding: raw").replace(b"2 3 4", b"2 0 4"), "a.nrrd"),
        (b"hello", "a.nrrd"),
        (meta()[:-2], "a.mha"),
        (meta("LOCAL", "CompressedData = True", body=b"xx"), "a.mha"),
        (meta().replace(b"MET_SHORT", b"MET_STRING"), "a.mha"),
        (b"", "a.mha"),
    ],
)
def test_file_when_bad_then_input_error(data, name):
    with pytest.raises(InputError):
        decode(data, name)


def test_size_when_giant_then_limit_before_allocation():
    for data, name in ((nrrd("encoding: raw"), "a.nrrd"), (meta(), "a.mha")):
        with pytest.raises(LimitError):
            decode(data.replace(b"2 3 4", b"99999 99999 99999"), name)


def test_bomb_when_inflated_then_limit():
    bomb = nrrd("encoding: gzip", body=gzip.compress(bytes(10_000_000)))
    with pytest.raises(LimitError):
        decode(bomb, "a.nrrd")


def test_real_files_when_read_then_labels_and_place(data_dir, tmp_path):
    spine = read(data_dir / "ct_dcmqi" / "spine_seg.nrrd")
    assert spine.size == (3, 512, 512)
    assert set(np.unique(spine.pixels)) == {0, 2}
    assert spine.space.matrix[:3, 3] == pytest.approx([235.2, 226.8, -128.69])
    write(tmp_path / "s.nrrd", spine)
    again = read(tmp_path / "s.nrrd")
    assert np.array_equal(again.pixels, spine.pixels)
    assert np.array_equal(again.space.matrix, spine.space.matrix)

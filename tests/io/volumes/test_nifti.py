"""NIfTI: the same volume in the world after every round trip; bad inputs 61 to 68."""

import gzip
import io
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.core import Image, Regions, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode, encode, read, write
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

nib = pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")

ORIENTATIONS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]


def matrix(order, signs, steps=(1.5, 2.0, 3.25), origin=(-10.0, 20.5, 7.0)):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * steps[axis]
    affine[:3, 3] = origin
    return affine


def volume(affine, voxels=None):
    if voxels is None:
        voxels = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    steps = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))[::-1]
    return Image.volume(
        voxels, Space(tuple(steps), Unit.MILLIMETRE, tuple(map(tuple, affine.tolist())))
    )


def nifti(array, affine=None, **fields):
    image = nib.Nifti1Image(array, np.eye(4) if affine is None else affine)
    stream = io.BytesIO()
    image.to_file_map({"image": nib.FileHolder(fileobj=stream)})
    data = bytearray(stream.getvalue())
    header = nib.Nifti1Header(bytes(data[:348]), check=False)
    for name, value in fields.items():
        header[name] = value
    data[:348] = header.binaryblock
    return bytes(data)


CUBE = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS)
def test_round_trip_when_oriented_then_same_volume_in_the_world(order, signs, tmp_path):
    affine = matrix(order, signs)
    first = volume(affine)
    write(tmp_path / "a.nii.gz", first)
    again = read(tmp_path / "a.nii.gz")
    theirs = nib.load(tmp_path / "a.nii.gz")
    assert np.array_equal(again.space.matrix, affine)
    assert np.array_equal(again.pixels, first.pixels)
    assert again.space.spacing == first.space.spacing
    assert again.pixels.dtype == first.pixels.dtype
    assert np.array_equal(theirs.affine, affine)
    assert np.array_equal(np.asarray(theirs.dataobj), first.pixels[..., 0].transpose(2, 1, 0))


@given(
    st.sampled_from(ORIENTATIONS),
    st.tuples(*[st.integers(1, 5)] * 3),
    st.sampled_from(["u1", "i2", "u2", "i4", "f4", "f8", "?"]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_round_trip_when_anything_then_every_voxel_stays_at_its_place(way, size, dtype, packed):
    affine = matrix(*way, steps=(0.5, 1.0, 4.0))
    voxels = np.random.default_rng(1).integers(0, 2, size).astype(dtype)
    data = encode(volume(affine, voxels), ".nii.gz" if packed else ".nii")
    again = decode(data, "a.nii")
    assert np.array_equal(again.pixels[..., 0], voxels)
    assert np.array_equal(again.space.matrix, affine)


def test_labels_when_written_then_small_and_in_place(tmp_path):
    space = volume(matrix((2, 0, 1), (1, -1, 1))).space
    labels = np.zeros((4, 3, 2), np.int32)
    labels[1, 2, 0] = 300
    write(tmp_path / "l.nii.gz", Regions(labels, space))
    theirs = nib.load(tmp_path / "l.nii.gz")
    assert theirs.get_data_dtype() == np.uint16
    assert np.asarray(theirs.dataobj)[0, 2, 1] == 300


def test_bands_when_fourth_axis_then_channels():
    array = np.arange(48, dtype=np.float32).reshape(2, 3, 4, 2)
    image = decode(nifti(array), "a.nii")
    assert image.pixels.shape == (4, 3, 2, 2)
    assert image.pixels[3, 2, 1, 1] == array[1, 2, 3, 1]
    assert np.array_equal(decode(encode(image, ".nii"), "a.nii").pixels, image.pixels)


def test_big_endian_when_read_then_same():
    image = nib.Nifti1Image(CUBE, np.diag([2.0, 2, 2, 1]), nib.Nifti1Header(endianness=">"))
    image.set_data_dtype(">i2")
    stream = io.BytesIO()
    image.to_file_map({"image": nib.FileHolder(fileobj=stream)})
    again = decode(stream.getvalue(), "b.nii")
    assert np.array_equal(again.pixels[..., 0], CUBE.transpose(2, 1, 0))
    assert again.pixels.dtype == np.int16


@pytest.mark.parametrize("axes", [0, 8])
def test_dims_when_not_possible_then_limit(axes):
    data = bytearray(nifti(CUBE))
    data[40:42] = np.int16(axes).tobytes()
    with pytest.raises(LimitError, match="axes"):
        decode(bytes(data), "a.nii")


def test_dims_when_giant_then_limit_before_allocation():
    data = bytearray(nifti(CUBE))
    data[40:56] = np.array([7, *[32767] * 7], np.int16).tobytes()
    with pytest.raises(LimitError, match="limit"):
        decode(bytes(data), "a.nii")


def test_gzip_when_cut_or_damaged_then_input_error():
    data = gzip.compress(nifti(CUBE))
    for bad in (data[:-20], data[:-4], data[:-8] + b"\1\2\3\4" + data[-4:]):
        with pytest.raises(InputError):
            decode(bad, "a.nii.gz")


def test_name_when_gz_but_content_not_then_read_by_content():
    assert decode(nifti(CUBE), "a.nii.gz").size == (4, 3, 2)
    assert decode(gzip.compress(nifti(CUBE)), "a.nii").size == (4, 3, 2)


@pytest.mark.parametrize("offset", [1e6, -352.0, np.nan, 4e9])
def test_offset_when_outside_then_input_error(offset):
    with pytest.raises(InputError):
        decode(nifti(CUBE, vox_offset=offset), "a.nii")


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_affine_when_singular_or_nan_then_voxels_only(value):
    image = decode(nifti(CUBE, srow_x=[value, 0, 0, 0]), "a.nii")
    assert image.space.unit is Unit.PIXEL
    assert image.space.affine is None
    assert any("affine" in note for note in image.notes)


def test_slope_when_none_then_noted_and_values_as_stored():
    for slope in (0.0, np.nan):
        image = decode(nifti(CUBE, scl_slope=slope, scl_inter=5), "a.nii")
        assert image.pixels.max() == 23
        assert any("slope" in note for note in image.notes)


def test_slope_when_infinite_then_refused():
    with pytest.raises(InputError, match="finite"):
        decode(nifti(CUBE, scl_slope=np.inf, scl_inter=0), "a.nii")


def test_slope_when_given_then_values_measured():
    whole = decode(nifti(CUBE, scl_slope=1.0, scl_inter=-1024.0), "a.nii")
    assert whole.pixels.dtype == np.int16
    assert whole.pixels.min() == -1024
    half = decode(nifti(CUBE, scl_slope=0.5, scl_inter=0.0), "a.nii")
    assert half.pixels.max() == pytest.approx(11.5)


def test_sizes_when_they_do_not_add_up_then_input_error():
    with pytest.raises(InputError, match="bytes of voxels"):
        decode(nifti(CUBE)[:-2], "a.nii")


def test_header_when_its_own_byte_order_is_mixed_then_input_error():
    """Bad input 67: the size of the header says little-endian, the axes were written big-endian."""
    data = bytearray(nifti(CUBE))
    data[40:56] = np.frombuffer(bytes(data[40:56]), "<i2").astype(">i2").tobytes()
    with pytest.raises(InputError, match="byte order"):
        decode(bytes(data), "a.nii")


def test_data_when_of_another_byte_order_than_its_header_then_the_sizes_tell():
    """Bad input 67: 16-bit voxels whose header, swapped whole, says 64 bits a voxel."""
    data = bytearray(nifti(CUBE))
    data[70:74] = np.array([64, 64], "<i2").tobytes()
    with pytest.raises(InputError, match="byte order"):
        decode(bytes(data), "a.nii")


def test_bomb_when_inflated_then_limit():
    data = gzip.compress(nifti(CUBE) + bytes(64_000_000))
    with pytest.raises(LimitError):
        decode(data, "a.nii.gz")
    rules = Reading(limits=Limits(memory=1_000_000))
    big = gzip.compress(nifti(np.zeros((200, 200, 200), np.int16)))
    with pytest.raises(LimitError):
        decode(big, "a.nii.gz", rules)


def test_pair_when_two_files_then_refused():
    with pytest.raises(InputError, match="two files"):
        decode(nifti(CUBE, magic=b"ni1"), "a.nii")


def test_mapped_when_not_packed_then_not_loaded(tmp_path):
    (tmp_path / "a.nii").write_bytes(nifti(CUBE))
    pixels = read(tmp_path / "a.nii").pixels
    base = pixels
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_real_volumes_when_read_then_as_nibabel(data_dir):
    for path in [
        *sorted((data_dir / "spinalcord_sct").rglob("*.nii.gz")),
        *sorted((data_dir / "hippocampus_msd").rglob("*.nii.gz"))[:4],
    ]:
        ours, theirs = read(path), nib.load(path)
        assert np.array_equal(ours.space.matrix, theirs.affine)
        assert np.array_equal(ours.pixels[..., 0].transpose(2, 1, 0), np.asarray(theirs.dataobj))
        zooms = np.array(theirs.header.get_zooms()[:3], np.float64)
        assert ours.space.volume_of(1) == pytest.approx(zooms.prod(), rel=1e-12)

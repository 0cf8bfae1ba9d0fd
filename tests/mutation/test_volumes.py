"""Damaged volumes end in one of our errors or in a volume: never in a crash, a hang, a leak."""

import gzip

import numpy as np
import pytest

from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.io.files import encode

ROWS = ((-1.0, 0.0, 0.0, 5.0), (0.0, 2.0, 0.0, 6.0), (0.0, 0.0, 3.0, 7.0), (0.0, 0.0, 0.0, 1.0))
SPACE = Space((3.0, 2.0, 1.0), Unit.MILLIMETRE, ROWS)
VOXELS = np.random.default_rng(0).integers(-500, 500, (5, 7, 9)).astype(np.int16)
BANDS = np.random.default_rng(1).random((4, 5, 6, 2)).astype(np.float32)


def nifti():
    pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")
    first, second = (Image(array, SPACE) for array in (VOXELS[..., np.newaxis], BANDS))
    plain = encode(first, ".nii")
    return {"a.nii": plain, "b.nii": encode(second, ".nii"), "c.nii": gzip.compress(plain)}


def nrrd():
    return {"a.nrrd": encode(Image.volume(VOXELS, SPACE), ".nrrd"), "b.nrrd": raw_nrrd()}


def raw_nrrd():
    head = "NRRD0004\ntype: int16\ndimension: 3\nsizes: 9 7 5\nencoding: raw\nendian: little\n\n"
    return head.encode() + VOXELS.tobytes()


def mha():
    return {"a.mha": encode(Image.volume(VOXELS, SPACE), ".mha")}


def dicom():
    pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")
    from tests.io.volumes.slices import as_bytes, dicom_slice

    return {"a.dcm": as_bytes(dicom_slice(0)), "b.dcm": as_bytes(dicom_slice(1, VOXELS[0]))}


def arrays():
    volume = Image.volume(VOXELS, SPACE)
    return {"a.npy": encode(volume, ".npy"), "b.npz": encode(volume, ".npz")}


@pytest.mark.parametrize("files", [nifti, nrrd, mha, dicom, arrays])
def test_volume_when_damaged_then_our_error_or_a_volume(files, damage):
    assert damage(files(), count=150) == []

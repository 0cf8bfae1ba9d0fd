"""Bad inputs 74, 77 and 78: containers whose content is refused, and giant tags."""

import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import read

GIANT = 1 << 60


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def npy(header, body=b""):
    text = f"{header}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def npz(body):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("volume.npy", body)
    return packed.getvalue()


def contents(trap):
    objects = np.array([Trap(trap)], object)
    saved = io.BytesIO()
    np.save(saved, objects, allow_pickle=True)
    giant = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({GIANT},)}}")
    return {
        "objects.npy": saved.getvalue(),
        "objects.npz": npz(saved.getvalue()),
        "giant.npy": giant,
        "giant.npz": npz(giant),
        "bomb.npz": npz(bytes(50_000_000)),
        "pickle.npy": pickle.dumps(Trap(trap)),
        "external.h5": b"\x89HDF\r\n\x1a\n" + bytes(600),
        "volume.zarr": b'{"zarr_format": 2, "compressor": {"id": "pickle"}}',
    }


@pytest.mark.parametrize("name", list(contents(Path("trap"))))
@pytest.mark.parametrize("shown", ["{}", "{}.nii", "{}.nrrd", "{}.mha", "{}.dcm"])
def test_container_when_not_read_then_refused_and_nothing_runs(name, shown, tmp_path):
    path = tmp_path / shown.format(name)
    path.write_bytes(contents(tmp_path / "trap")[name])
    with pytest.raises((InputError, LimitError)):
        read(path)
    assert not (tmp_path / "trap").exists()


def test_zarr_when_a_folder_then_refused(tmp_path):
    folder = tmp_path / "volume.zarr"
    folder.mkdir()
    (folder / ".zarray").write_text('{"zarr_format": 2, "chunks": [1099511627776]}')
    with pytest.raises(InputError, match="folder"):
        read(folder)


@pytest.mark.parametrize("vr", [b"OB", b"UN"])
def test_private_tag_when_it_says_a_gigabyte_then_refused_without_memory(vr, tmp_path):
    """The file is small; what the tag claims is never allocated."""
    pytest.importorskip("pydicom", reason="pydicom comes with the extra medical")
    syntax = b"1.2.840.10008.1.2.1\0"
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(syntax)) + syntax
    group = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta)) + meta
    tag = struct.pack("<HH2sHI", 0x0009, 0x1001, vr, 0, 1 << 30) + bytes(100)
    path = tmp_path / "private.dcm"
    path.write_bytes(bytes(128) + b"DICM" + group + tag)
    with pytest.raises(LimitError, match="1073741824 bytes"):
        read(path)

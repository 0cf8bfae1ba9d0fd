"""NumPy's own files: ``.npy``, one array, and ``.npz``, a zip that holds one. Never unpickled."""

import io
import zipfile
import zlib
from math import prod
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.lib import format as npy

from pixelwise.core import Foreground, Image, Panoptic, Regions, Semantic
from pixelwise.errors import InputError, LimitError
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.sources import shown
from pixelwise.io.volumes.geometry import check_voxels

__all__ = ["NPY", "NPZ", "NumpyArray"]

MOST_CHANNELS = 4
"""A last axis of up to so many values is taken for the channels of a picture."""
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
)
"""What zipfile and numpy raise on damaged files; a header is read as a Python literal."""
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


class NumpyArray(Format):
    """An array without a place in the world.

    (H, W) and (H, W, up to 4) are pictures; any other (D, H, W) is a grey volume, (D, H, W, C) one
    with channels. Arrays of objects are pickles, which can run any code: they are refused.

    Args:
        name: Its name for people.
        in_zip: Whether the array lies in a zip.
    """

    reads = (Image,)
    writes = (Image, Foreground, Semantic, Panoptic, Regions)

    def __init__(self, name: str, *, in_zip: bool) -> None:
        self.name = name
        self._in_zip = in_zip

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the picture or volume.

        Raises:
            InputError: It is damaged, holds objects, or something else than one array.
            LimitError: It asks for too much, or unpacks to more than it says.
        """
        try:
            stream = io.BytesIO(data)
            return _unzipped(stream, rules) if self._in_zip else _image(stream, rules)
        except InputError as error:
            raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
        except LimitError as error:
            raise LimitError(f"{shown(name)}: {error}") from error
        except FAULTS as error:
            said = f"{shown(name)}: expected a {self.name}, this is none or is damaged"
            raise InputError(said, reason="damaged") from error

    def encode(self, thing: Thing) -> bytes:
        """Return the pixels, or the natural array of a result."""
        if not isinstance(thing, self.writes):
            return super().encode(thing)
        stream = io.BytesIO()
        array = np.asarray(thing.pixels if isinstance(thing, Image) else thing)
        if isinstance(thing, Image) and thing.channels == 1:
            array = array[..., 0]
        if self._in_zip:
            np.savez_compressed(stream, array)
        else:
            np.save(stream, array, allow_pickle=False)
        return stream.getvalue()


def _unzipped(stream: IO[bytes], rules: Reading) -> Image:
    """Return the one array of a zip."""
    with zipfile.ZipFile(stream) as archive:
        members = [row for row in archive.infolist() if row.filename.endswith(".npy")]
        if len(members) != 1:
            raise InputError(f"expected one array in the file, it holds {len(members)}")
        with archive.open(members[0]) as member:
            return _image(member, rules)


def _image(stream: IO[bytes], rules: Reading) -> Image:
    version = npy.read_magic(stream)
    if version not in HEADERS:
        raise InputError(f"version {version} of the format is not read", reason="unsupported")
    shape, by_columns, dtype = HEADERS[version](stream)
    if dtype.hasobject:
        raise InputError(
            "it holds Python objects, that is a pickle, which can run any code; save numbers",
            reason="pickle",
        )
    if dtype.kind not in "biuf":
        raise InputError(f"pixels of type {dtype} are not read", reason="dtype")
    check_voxels(shape, dtype.itemsize, rules.limits, copies=2.0)
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise InputError(f"expected 2 to 4 axes of a picture or volume, not {shape}")
    count = prod(shape) * dtype.itemsize
    raw = stream.read(count + 1)
    if len(raw) > count:
        raise LimitError(f"it unpacks to more than the {count} bytes that its header tells")
    if len(raw) < count:
        raise InputError(f"expected {count} bytes, got {len(raw)}", reason="truncated")
    array = np.frombuffer(raw, dtype).reshape(shape, order="F" if by_columns else "C")
    is_volume = len(shape) == 3 and shape[-1] > MOST_CHANNELS
    return Image(array[..., np.newaxis] if is_volume else array)


NPY = NumpyArray("NumPy array", in_zip=False)
NPZ = NumpyArray("NumPy archive", in_zip=True)

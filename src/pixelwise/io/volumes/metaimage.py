"""MetaImage (.mha, .mhd): lines ``Key = Value``, then raw or zlib voxels.

Source:
    "MetaIO Documentation", itk.org/Wiki/MetaIO/Documentation.
"""

import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Semantic
from pixelwise.errors import InputError, LimitError, OutputError
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.sources import shown
from pixelwise.io.volumes.detached import beside
from pixelwise.io.volumes.geometry import LPS, affine_of, check_voxels, space_of, voxels_of
from pixelwise.io.volumes.inflate import unpacked
from pixelwise.io.volumes.scratch import native, viewed

__all__ = ["META_IMAGE", "MetaImage"]

TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
MOST_HEADER = 1 << 16
Fields = dict[str, str]


class MetaImage(Format):
    """MetaImage, with its voxels attached or in a file beside it."""

    name = "MetaImage"
    reads = (Image,)
    writes = (Image, Foreground, Semantic, Instances, Panoptic, Regions)

    def read(self, path: Path, rules: Reading) -> Image:
        """Return the volume; a detached data file must lie in the same folder."""
        return _named(viewed(path, rules), path, str(path), rules)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the volume in the bytes of a file.

        Raises:
            InputError: It is cut, damaged, no MetaImage, or keeps its voxels elsewhere.
            LimitError: It asks for too much.
        """
        return _named(data, None, name, rules)

    def encode(self, thing: Thing) -> bytes:
        """Return the volume as one file, packed with zlib.

        Raises:
            OutputError: MetaImage cannot hold it.
        """
        voxels = voxels_of(thing, "MetaImage")
        if voxels.dtype == bool:
            voxels = voxels.view(np.uint8)
        names = {code: name for name, code in TYPES.items()}
        code = voxels.dtype.str[1:]
        if code not in names:
            raise OutputError(f"MetaImage has no type for voxels of {voxels.dtype}")
        body = zlib.compress(
            np.ascontiguousarray(voxels, voxels.dtype.newbyteorder("<")).tobytes(), 4
        )
        return _text(thing, voxels, names[code], len(body)).encode() + body


def _named(data: bytes | memoryview, path: Path | None, name: str, rules: Reading) -> Image:
    try:
        return _volume(data, path, rules)
    except InputError as error:
        raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
    except LimitError as error:
        raise LimitError(f"{shown(name)}: {error}") from error
    except (ValueError, OverflowError) as error:
        raise InputError(f"{shown(name)}: the header holds what is no number: {error}") from error


def _volume(data: bytes | memoryview, path: Path | None, rules: Reading) -> Image:
    fields, end = _parse(data)
    sizes = [int(side) for side in fields["DimSize"].split()]
    if len(sizes) != 3 or fields.get("NDims") != "3" or min(sizes) < 1:
        raise InputError(f"expected a volume of three axes, this has the sides {sizes}")
    bands = int(fields.get("ElementNumberOfChannels", "1"))
    kind = fields.get("ElementType", "")
    if kind not in TYPES or not 1 <= bands <= 16:
        raise InputError(f"{bands} channels of {shown(kind)} are not read", reason="dtype")
    dtype = np.dtype(TYPES[kind])
    check_voxels((*sizes, bands), dtype.itemsize, rules.limits, copies=2.0)
    count = prod(sizes) * bands * dtype.itemsize
    raw = _body(fields, data[end:], path, count, rules)
    big = _true(fields, "BinaryDataByteOrderMSB") or _true(fields, "ElementByteOrderMSB")
    flat = np.frombuffer(raw, dtype.newbyteorder(">" if big else "<"))
    voxels = native(flat.reshape(*sizes[::-1], bands), rules.scratch)
    space, notes = space_of(_affine(fields))
    return Image(voxels, space, notes)


def _parse(data: bytes | memoryview) -> tuple[Fields, int]:
    """Return the fields and where the voxels begin: behind the line of ElementDataFile."""
    fields: Fields = {}
    at, data = 0, bytes(data[:MOST_HEADER])
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        key, sign, value = data[at:end].decode("latin-1").partition("=")
        if not sign:
            break
        fields[key.strip()] = value.strip()
        at = end + 1
        if key.strip() == "ElementDataFile":
            if "DimSize" in fields:
                return fields, at
            break
    raise InputError("expected a MetaImage volume, the content is no known format")


def _body(
    fields: Fields, rest: bytes | memoryview, path: Path | None, count: int, rules: Reading
) -> bytes | memoryview | NDArray[np.uint8]:
    name = fields["ElementDataFile"]
    body = rest if name == "LOCAL" else beside(path, name, rules)
    if _true(fields, "CompressedData"):
        return unpacked(body, count, rules.scratch)
    if len(body) != count:
        said = f"expected {count} bytes of voxels, got {len(body)}"
        raise InputError(said, reason="truncated")
    return body


def _true(fields: Fields, name: str) -> bool:
    return fields.get(name, "").lower() == "true"


def _affine(fields: Fields) -> NDArray[np.float64]:
    """Return the matrix to RAS millimetres: rows of the TransformMatrix are the axes, in LPS."""
    turned = fields.get("TransformMatrix", fields.get("Rotation", "1 0 0 0 1 0 0 0 1"))
    steps = _numbers(fields.get("ElementSpacing", fields.get("ElementSize", "1 1 1")), 3)
    origin = next(
        (fields[key] for key in ("Offset", "Position", "Origin") if key in fields), "0 0 0"
    )
    affine = np.eye(4)
    affine[:3, :3] = _numbers(turned, 9).reshape(3, 3).T * steps
    affine[:3, 3] = _numbers(origin, 3)
    return np.asarray(LPS @ affine)


def _numbers(text: str, count: int) -> NDArray[np.float64]:
    numbers = np.array([float(part) for part in text.split()])
    if len(numbers) != count:
        raise InputError(f"expected {count} numbers in the header, got {len(numbers)}")
    return numbers


def _text(thing: Thing, voxels: NDArray[Any], kind: str, packed: int) -> str:
    affine = LPS @ affine_of(thing.space)
    steps = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    lines = [
        "ObjectType = Image",
        "NDims = 3",
        "BinaryData = True",
        "BinaryDataByteOrderMSB = False",
        "CompressedData = True",
        f"CompressedDataSize = {packed}",
        f"TransformMatrix = {_shown((affine[:3, :3] / steps).T)}",
        f"Offset = {_shown(affine[:3, 3])}",
        "CenterOfRotation = 0 0 0",
        f"ElementSpacing = {_shown(steps)}",
        f"DimSize = {' '.join(map(str, voxels.shape[2::-1]))}",
        *([f"ElementNumberOfChannels = {voxels.shape[3]}"] if voxels.ndim == 4 else []),
        f"ElementType = {kind}",
        "ElementDataFile = LOCAL",
    ]
    return "\n".join(lines) + "\n"


def _shown(values: NDArray[np.float64]) -> str:
    return " ".join(repr(float(value) + 0.0) for value in values.reshape(-1))


META_IMAGE = MetaImage()

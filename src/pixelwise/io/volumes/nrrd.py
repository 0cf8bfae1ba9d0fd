"""NRRD: a text header, then raw or gzip voxels.

Source:
    G. Kindlmann, "Definition of NRRD file format", teem.sourceforge.net/nrrd/format.html.
"""

import gzip
from dataclasses import dataclass
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

__all__ = ["NRRD", "Nrrd"]

TYPES = {
    "int8": "i1 signed-char int8_t",
    "uint8": "u1 uchar unsigned-char uint8_t",
    "int16": "i2 short short-int signed-short signed-short-int int16_t",
    "uint16": "u2 ushort unsigned-short unsigned-short-int uint16_t",
    "int32": "i4 int signed-int int32_t",
    "uint32": "u4 uint unsigned-int uint32_t",
    "int64": "i8 longlong long-long long-long-int signed-long-long int64_t",
    "uint64": "u8 ulonglong unsigned-long-long uint64_t",
    "float32": "f4 float",
    "float64": "f8 double",
}
"""Our name -> numpy's code, and the words of NRRD with dashes for blanks."""
WORDS = {
    word.replace("-", " "): words.split()[0]
    for name, words in TYPES.items()
    for word in (*words.split()[1:], name)
}
TO_RAS = {
    "right-anterior-superior": np.eye(4),
    "ras": np.eye(4),
    "left-anterior-superior": np.diag([-1.0, 1, 1, 1]),
    "las": np.diag([-1.0, 1, 1, 1]),
    "left-posterior-superior": LPS,
    "lps": LPS,
}
MOST_HEADER = 1 << 20
PACKINGS = ("raw", "gzip", "gz")


@dataclass(frozen=True, slots=True)
class Header:
    """The lines of a header: fields by name, and where the voxels begin."""

    fields: dict[str, str]
    end: int

    def need(self, name: str) -> str:
        """Return a field that must be there.

        Raises:
            InputError: It is not there.
        """
        if name not in self.fields:
            raise InputError(f"the header lacks the field {name!r}")
        return self.fields[name]


class Nrrd(Format):
    """NRRD, with its voxels attached or in a file beside it."""

    name = "NRRD"
    reads = (Image,)
    writes = (Image, Foreground, Semantic, Instances, Panoptic, Regions)

    def read(self, path: Path, rules: Reading) -> Image:
        """Return the volume; a detached data file must lie in the same folder."""
        return _named(viewed(path, rules), path, str(path), rules)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the volume in the bytes of a file.

        Raises:
            InputError: It is cut, damaged, no NRRD, or keeps its voxels elsewhere.
            LimitError: It asks for too much.
        """
        return _named(data, None, name, rules)

    def encode(self, thing: Thing) -> bytes:
        """Return the volume as a gzip NRRD, in LPS as 3D Slicer writes it.

        Raises:
            OutputError: NRRD cannot hold it.
        """
        voxels = voxels_of(thing, "NRRD")
        if voxels.dtype == bool:
            voxels = voxels.view(np.uint8)
        if voxels.dtype.name not in TYPES:
            raise OutputError(f"NRRD has no type for voxels of {voxels.dtype}")
        body = np.ascontiguousarray(voxels, voxels.dtype.newbyteorder("<"))
        return _text(thing, voxels).encode() + gzip.compress(body.tobytes(), 4, mtime=0)


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
    header = _parse(data)
    sizes = [int(side) for side in header.need("sizes").split()]
    if len(sizes) != int(header.need("dimension")) or min(sizes, default=0) < 1:
        raise InputError(f"the header states {header.fields['dimension']} axes and sides {sizes}")
    if len(sizes) not in (3, 4):
        raise InputError(f"expected 3 axes, or 4 with channels, this has {len(sizes)}")
    word = header.need("type").lower()
    if word not in WORDS:
        raise InputError(f"voxels of type {shown(word)} are not read", reason="dtype")
    dtype = np.dtype(WORDS[word])
    check_voxels(tuple(sizes), dtype.itemsize, rules.limits, copies=2.0)
    big = header.fields.get("endian", "little") == "big"
    raw = _body(header, data, path, prod(sizes) * dtype.itemsize, rules)
    flat = np.frombuffer(raw, dtype.newbyteorder(">" if big else "<"))
    voxels = native(flat.reshape(sizes[::-1]), rules.scratch)
    axis, affine = _place(header, len(sizes))
    pixels = voxels[..., np.newaxis] if axis is None else np.moveaxis(voxels, 3 - axis, -1)
    space, notes = space_of(affine)
    return Image(pixels, space, notes)


def _parse(data: bytes | memoryview) -> Header:
    text = bytes(data[:MOST_HEADER])
    if not text.startswith(b"NRRD000"):
        raise InputError("expected an NRRD volume, the content is no known format")
    ends = [at for at in (text.find(b"\n\n"), text.find(b"\r\n\r\n")) if at >= 0]
    end = min(ends, default=-1)
    gap = 4 if end >= 0 and text[end : end + 4] == b"\r\n\r\n" else 2
    lines = text[: end if end >= 0 else None].decode("utf-8", "replace").splitlines()[1:]
    fields = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if colon and not line.startswith("#"):
            fields[name.strip().lower()] = value.strip()
    return Header(fields, end + gap if end >= 0 else len(data))


def _body(
    header: Header, data: bytes | memoryview, path: Path | None, count: int, rules: Reading
) -> bytes | memoryview | NDArray[np.uint8]:
    """Return exactly the voxels' bytes."""
    packing = header.fields.get("encoding", "raw").lower()
    if packing not in PACKINGS:
        raise InputError(f"voxels packed with {shown(packing)} are not read; save as raw or gzip")
    if any(name in header.fields for name in ("line skip", "byte skip", "lineskip", "byteskip")):
        raise InputError("lines or bytes to skip are not read; save it again without")
    detached = header.fields.get("data file", header.fields.get("datafile"))
    body = data[header.end :] if detached is None else beside(path, detached, rules)
    if packing != "raw":
        return unpacked(body, count, rules.scratch)
    if len(body) < count or (len(body) > count and detached is not None):
        said = f"expected {count} bytes of voxels, got {len(body)}"
        raise InputError(said, reason="truncated")
    return body[:count]


def _place(header: Header, axes: int) -> tuple[int | None, NDArray[np.float64]]:
    """Return which file axis holds channels, if any, and the matrix to RAS millimetres."""
    directions = header.fields.get("space directions", "")
    vectors = [_vector(part) for part in directions.replace("none", "(none)").split(") ") if part]
    axis = None
    if axes == 4:
        free = [place for place, vector in enumerate(vectors) if vector is None]
        axis = free[0] if len(free) == 1 else 0 if not vectors else -1
        if axis < 0:
            raise InputError("of four axes one must be without direction: the channels")
    if not vectors:
        steps = [float(step) for step in header.fields.get("spacings", "").split()]
        steps = [step for place, step in enumerate(steps) if place != axis] or [1.0] * 3
        return axis, np.diag([*steps[:3], 1.0])
    columns = [vector for vector in vectors if vector is not None]
    if [len(column) for column in columns] != [3, 3, 3]:
        raise InputError("the header must give a direction in space for each of three axes")
    affine = np.eye(4)
    affine[:3, :3] = np.array(columns).T
    origin = _vector(header.fields.get("space origin", "(0,0,0)"))
    affine[:3, 3] = np.zeros(3) if origin is None else origin
    space = header.fields.get("space", "right-anterior-superior").lower()
    if space not in TO_RAS:
        raise InputError(f"the space {shown(space)} is not known; RAS, LAS and LPS are")
    return axis, TO_RAS[space] @ affine


def _vector(text: str) -> NDArray[np.float64] | None:
    inner = text.strip().strip("()")
    return None if inner == "none" else np.array([float(part) for part in inner.split(",")])


def _text(thing: Thing, voxels: NDArray[Any]) -> str:
    affine = LPS @ affine_of(thing.space)
    vectors = [_shown(affine[:3, axis]) for axis in range(3)]
    bands = voxels.ndim == 4
    sizes = [*([voxels.shape[3]] if bands else []), *voxels.shape[2::-1]]
    lines = [
        "NRRD0004",
        f"type: {voxels.dtype.name}",
        f"dimension: {len(sizes)}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, sizes))}",
        f"space directions: {' '.join([*(['none'] if bands else []), *vectors])}",
        f"kinds: {' '.join([*(['vector'] if bands else []), 'domain', 'domain', 'domain'])}",
        "endian: little",
        "encoding: gzip",
        f"space origin: {_shown(affine[:3, 3])}",
    ]
    return "\n".join(lines) + "\n\n"


def _shown(vector: NDArray[np.float64]) -> str:
    return "(" + ",".join(repr(float(value) + 0.0) for value in vector) + ")"


NRRD = Nrrd()

"""NIfTI-1 and -2, packed or not: voxels, exact affine, values in the scanner's units."""

import gzip
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError, OutputError
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.sources import shown
from pixelwise.io.volumes.geometry import affine_of, check_voxels, space_of, voxels_of
from pixelwise.io.volumes.inflate import GZIP, Inflating
from pixelwise.io.volumes.scaling import scaled
from pixelwise.io.volumes.scratch import room

__all__ = ["NIFTI", "NIFTI_GZ", "Nifti", "write_slabs"]

HEADERS = {348: nib.Nifti1Header, 540: nib.Nifti2Header}
"""Size that the header states -> its kind."""
SINGLE = (b"n+1\0", b"n+2\0")
LONGEST_SIDE = 32767
"""NIfTI-1 counts voxels in 16 bits; longer sides are written as NIfTI-2."""
MOST_EXTENSION = 16 * 1024 * 1024
"""Bytes between header and voxels that are skipped at most."""
UNITS_TO_MM = {1: 1000.0, 2: 1.0, 3: 0.001}
"""xyzt_units -> millimetres; 0, unknown, is taken for millimetres."""
LEVEL = 4
"""Of gzip: half the time of the default for a few per cent more bytes."""


class Nifti(Format):
    """NIfTI; the content decides whether it is packed, and which version it is.

    Args:
        name: Its name for people.
        packed: Whether it is written with gzip.
    """

    reads = (Image,)
    writes = (Image, Foreground, Semantic, Instances, Panoptic, Regions)

    def __init__(self, name: str, *, packed: bool) -> None:
        self.name = name
        self._packed = packed

    def read(self, path: Path, rules: Reading) -> Image:
        """Return the volume; voxels of a file that is not packed stay on the disk until needed."""
        on_disk = rules.scratch is not None or not self._packed
        if not on_disk or not path.is_file() or path.stat().st_size == 0:
            return super().read(path, rules)  # type: ignore[return-value]
        mapped = np.memmap(path, np.uint8, "r")
        if bytes(mapped[:2]) == GZIP and rules.scratch is None:
            return super().read(path, rules)  # type: ignore[return-value]
        return self._named(mapped, str(path), rules)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the volume in the bytes of a file.

        Raises:
            InputError: It is cut, damaged, or no NIfTI.
            LimitError: It asks for too much; found out before memory is taken.
        """
        return self._named(np.frombuffer(data, np.uint8), name, rules)

    def encode(self, thing: Thing) -> bytes:
        """Return the volume as the bytes of a file.

        Raises:
            OutputError: It is no volume, or NIfTI has no type for its voxels.
        """
        voxels = _storable(voxels_of(thing, "NIfTI"))
        if voxels.ndim == 4:
            voxels = np.moveaxis(voxels, -1, 0)
        header = _header(thing.space, voxels)
        body = np.ascontiguousarray(voxels).astype(voxels.dtype.newbyteorder("<"), copy=False)
        data = header.binaryblock + bytes(4) + body.tobytes()
        return gzip.compress(data, LEVEL, mtime=0) if self._packed else data

    def _named(self, data: NDArray[np.uint8], name: str, rules: Reading) -> Image:
        try:
            return _volume(data, rules)
        except InputError as error:
            raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
        except LimitError as error:
            raise LimitError(f"{shown(name)}: {error}") from error
        except MemoryError as error:
            raise LimitError(f"{shown(name)}: there is too little memory for it") from error


def write_slabs(
    path: Path, space: Space, size: tuple[int, ...], slabs: Iterable[NDArray[Any]]
) -> None:
    """Write labels that come a slab at a time, (d, H, W) uint8 each; whole, or not at all.

    Args:
        path: A ``.nii`` file.
        space: Where the volume is.
        size: (D, H, W).
        slabs: All of it, in order.

    Raises:
        OutputError: It cannot be written.
    """
    shape = np.broadcast_to(np.uint8(0), size)
    header = _header(space, shape)
    with replacing(path) as part, part.open("xb") as file:
        file.write(header.binaryblock + bytes(4))
        for slab in slabs:
            file.write(np.ascontiguousarray(slab, np.uint8).data)


def _volume(data: NDArray[np.uint8], rules: Reading) -> Image:
    if data.size == 0:
        raise InputError("expected a NIfTI volume, the file is empty", reason="empty")
    packed = data[:2].tobytes() == GZIP
    stream = Inflating(data.data) if packed else None
    head = bytes(stream.take(540)) if stream else data[:540].tobytes()
    header = _parse(head)
    shape, offset = _shape(header), _offset(header)
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise InputError(f"voxels of type {dtype} are not read; convert them", reason="dtype")
    check_voxels(shape, dtype.itemsize, rules.limits, copies=2.0 if packed else 1.0)
    count = prod(shape) * dtype.itemsize
    if stream:
        raw = _unpacked(stream, head, offset, room((count,), np.uint8, rules.scratch))
    else:
        raw = data[offset : offset + count]
        if raw.size < count:
            raise _cut(count, raw.size)
    return _image(header, raw.view(dtype).reshape(shape), rules.scratch)


def _parse(head: bytes) -> Any:  # noqa: ANN401 - nibabel's header
    """Return the header, in the byte order that its own size tells."""
    if len(head) < 348:
        raise InputError("the file ends within its header", reason="truncated")
    for order in ("<", ">"):
        size = int(np.frombuffer(head, f"{order}i4", 1)[0])
        kind = HEADERS.get(size)
        if kind is not None and len(head) >= size:
            header = kind(head[:size], endianness=order, check=False)
            if bytes(head[344:348] if size == 348 else head[4:8]) not in SINGLE:
                said = "this is Analyze, or a NIfTI in two files; convert it to .nii"
                raise InputError(said, reason="unsupported")
            return header
    raise InputError("expected a NIfTI volume, the content is no known format")


def _shape(header: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Return the sides in the order of the array, slowest first: (T,) k, j, i."""
    dims = [int(side) for side in header["dim"]]
    if not 1 <= dims[0] <= 7 and 1 <= int(header["dim"][0].byteswap()) <= 7:
        raise InputError("the header's own size and its axes differ in byte order; it is damaged")
    if not 1 <= dims[0] <= 7:
        raise LimitError(f"the header states {dims[0]} axes; NIfTI has 1 to 7")
    sides = dims[1 : dims[0] + 1]
    if min(sides) < 1:
        raise InputError(f"the header states the sides {sides}; each must be 1 or more")
    sides = sides + [1] * (3 - len(sides))
    return tuple(sides[::-1])


def _offset(header: Any) -> int:  # noqa: ANN401
    offset = float(header["vox_offset"])
    least = int(header["sizeof_hdr"])
    if not np.isfinite(offset) or not least <= offset <= least + MOST_EXTENSION:
        raise InputError(f"the header puts the voxels at byte {offset:g}, outside the file")
    return int(offset)


def _unpacked(
    stream: Inflating, head: bytes, offset: int, body: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Fill in the voxels' bytes; what comes out is counted, and the checksum is checked."""
    skipped = head + bytes(stream.take(max(offset - len(head), 0)))
    begun = skipped[offset:]
    at = min(len(begun), len(body))
    body[:at] = np.frombuffer(begun[:at], np.uint8)
    at += stream.fill(body[at:])
    if at < len(body):
        raise _cut(len(body), at)
    if len(stream.take(MOST_EXTENSION + 1)) > MOST_EXTENSION:
        raise LimitError(f"the file unpacks to far more than the {at} bytes of its voxels")
    if not stream.is_whole:
        raise InputError("the packed file is cut: its end is missing", reason="truncated")
    return body


def _cut(expected: int, came: int) -> InputError:
    said = f"expected {expected} bytes of voxels, got {came}; is the file cut, or its byte order?"
    return InputError(said, reason="truncated")


def _image(header: Any, voxels: NDArray[Any], scratch: Path | None) -> Image:  # noqa: ANN401
    while voxels.ndim > 4 and voxels.shape[0] == 1:
        voxels = voxels[0]
    if voxels.ndim > 4:
        raise InputError(f"expected 3 or 4 axes, this volume has {voxels.ndim}; choose one")
    pixels = voxels[..., np.newaxis] if voxels.ndim == 3 else np.moveaxis(voxels, 0, -1)
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    values, notes = scaled(pixels, slope, intercept, scratch)
    factor = UNITS_TO_MM.get(int(header["xyzt_units"]) & 7, 1.0)
    affine, more = _affine(header)
    affine = np.diag([factor, factor, factor, 1.0]) @ affine
    sizes = tuple(float(size) * factor for size in header["pixdim"][1:4])
    space, wrong = space_of(affine, sizes)
    return Image(values, space, notes + more + wrong)


def _affine(header: Any) -> tuple[NDArray[np.float64], tuple[str, ...]]:  # noqa: ANN401
    """Return the sform, else the qform, else the grid around its middle, as NIfTI says."""
    if int(header["sform_code"]) > 0:
        return np.asarray(header.get_sform(), np.float64), ()
    try:
        if int(header["qform_code"]) > 0:
            return np.asarray(header.get_qform(), np.float64), ()
        note = "affine: the header places the volume nowhere; voxel sizes only"
        return np.asarray(header.get_base_affine(), np.float64), (note,)
    except (HeaderDataError, ValueError):
        return np.full((4, 4), np.nan), ()


def _storable(voxels: NDArray[Any]) -> NDArray[Any]:
    if voxels.dtype == bool:
        return voxels.view(np.uint8)
    if voxels.dtype == np.float16:
        return voxels.astype(np.float32)
    if voxels.dtype.kind not in "iuf" or voxels.dtype.itemsize > 8:
        raise OutputError(f"NIfTI has no type for voxels of {voxels.dtype}")
    return voxels


def _header(space: Space, voxels: NDArray[Any]) -> Any:  # noqa: ANN401
    sides = voxels.shape[::-1]
    header = (nib.Nifti2Header if max(sides) > LONGEST_SIDE else nib.Nifti1Header)()
    header.set_data_dtype(voxels.dtype.newbyteorder("="))
    header.set_data_shape(sides)
    affine = affine_of(space)
    header.set_qform(affine, code=1, strip_shears=True)
    header.set_sform(affine, code=1)
    header["pixdim"][1:4] = (*space.spacing[::-1], 1.0, 1.0)[:3]
    if space.unit is Unit.MILLIMETRE:
        header.set_xyzt_units("mm")
    header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["vox_offset"] = int(header["sizeof_hdr"]) + 4
    header["magic"] = b"n+1" if int(header["sizeof_hdr"]) == 348 else b"n+2\0\r\n\x1a\n"
    return header


NIFTI = Nifti("NIfTI", packed=False)
NIFTI_GZ = Nifti("NIfTI", packed=True)

"""Opening DICOM files that nobody vouches for; what a patient is called is never repeated.

Messages of this module name the file, a tag's keyword or a UID, and never a value of the file:
those may be names and dates of a person.
"""

import io
import logging
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels import get_decoder
from pydicom.uid import UID, ImplicitVRLittleEndian

from pixelwise.errors import InputError, LimitError
from pixelwise.io.limits import Limits
from pixelwise.io.sources import read_bytes, shown
from pixelwise.io.volumes.geometry import check_voxels

__all__ = ["DIRECTORY", "FAULTS", "check_pixels", "guarded", "hushed", "open_dicom", "parse_dicom"]

DIRECTORY = "1.2.840.10008.1.3.10"
"""Class of a DICOMDIR."""
LOGGERS = tuple(logging.getLogger(name) for name in ("pydicom", "highdicom"))
MOST_ELEMENT = 256 * 1024 * 1024
"""Bytes of one element that is no pixel data."""
FAULTS = (
    AttributeError,
    BytesLengthException,
    EOFError,
    IndexError,
    InvalidDicomError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pydicom and its decoders raise on damaged files: they have no error of their own."""


def open_dicom(path: Path, limits: Limits) -> Dataset:
    """Return the data set in a file, pixel data checked against its header.

    Raises:
        InputError: It is no DICOM, cut, or damaged.
        LimitError: It asks for too much.
    """
    return parse_dicom(read_bytes(path, limits.file_bytes), str(path), limits)


def parse_dicom(data: bytes, name: str, limits: Limits) -> Dataset:
    """Return the data set in the bytes of a file called ``name``.

    Raises:
        InputError: They are no DICOM, or damaged.
        LimitError: They ask for too much.
    """
    try:
        with guarded(name):
            return _parsed(data, limits)
    except InputError as error:
        if str(error).startswith(shown(name)):
            raise
        raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
    except LimitError as error:
        if str(error).startswith(shown(name)):
            raise
        raise LimitError(f"{shown(name)}: {error}") from error


@contextmanager
def hushed() -> Iterator[None]:
    """Keep pydicom's and highdicom's words quiet: they quote values, which may be a patient's.

    Values are decoded when they are first asked for, so whoever asks does it in here.
    """
    before = [(logger, logger.disabled) for logger in LOGGERS]
    with warnings.catch_warnings(), disable_value_validation():
        warnings.simplefilter("ignore")
        for logger in LOGGERS:
            logger.disabled = True
        try:
            yield
        finally:
            for logger, disabled in before:
                logger.disabled = disabled


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Turn what pydicom raises into our errors; it decodes values when they are first asked for.

    Raises:
        InputError: The file called ``name`` is damaged.
        LimitError: It is nested too deeply, or too large for the memory.
    """
    with hushed():
        try:
            yield
        except RecursionError as error:
            raise LimitError(f"{shown(name)}: its sequences are nested too deeply") from error
        except MemoryError as error:
            raise LimitError(f"{shown(name)}: there is too little memory for it") from error
        except FAULTS as error:
            said = f"{shown(name)}: the DICOM data are damaged ({type(error).__name__})"
            raise InputError(said, reason="damaged") from None


def _parsed(data: bytes, limits: Limits) -> Dataset:
    if data[128:132] != b"DICM":
        raise InputError("expected a DICOM file, it lacks the preamble of one")
    head = _read(data, stop_before_pixels=True)
    _check_elements(head)
    if head.file_meta.get("MediaStorageSOPClassUID") == DIRECTORY:
        raise InputError(
            "this is a DICOMDIR; give the folder of the slices, as no file that a DICOMDIR "
            "names is opened",
            reason="unsupported",
        )
    _check_size(head, limits)
    _check_fragments(data, head)
    return _read(data)


def _read(data: bytes, *, stop_before_pixels: bool = False) -> Dataset:
    return pydicom.dcmread(
        io.BytesIO(data), defer_size=MOST_ELEMENT, stop_before_pixels=stop_before_pixels
    )


def _check_elements(head: Dataset) -> None:
    for tag, element in head.items():  # as they were read: nothing is decoded or fetched
        length = getattr(element, "length", 0) or 0
        if MOST_ELEMENT < length < 0xFFFFFFFF:
            raise LimitError(f"element {tag} has {length} bytes, over the limit of {MOST_ELEMENT}")


def _check_size(head: Dataset, limits: Limits) -> None:
    sides = [int(head.get(name) or 1) for name in ("NumberOfFrames", "Rows", "Columns")]
    sample = int(head.get("SamplesPerPixel") or 1) * max(int(head.get("BitsAllocated") or 8), 8)
    check_voxels(tuple(sides), sample // 8, limits, copies=3.0)


def _check_fragments(data: bytes, head: Dataset) -> None:
    """Walk over the frames of packed pixel data, to name the one that is cut."""
    if not _is_packed(UID(head.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian))):
        return
    mark = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
    at = data.rfind(mark)
    if at < 0:
        return
    at, items = at + len(mark), -1  # the first item is the table of offsets
    while data[at : at + 4] == b"\xfe\xff\x00\xe0":
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        items += 1
        if at + 8 + length > len(data):
            raise InputError(f"the fragments of frame {items} are cut", reason="truncated")
        at += 8 + length
    if data[at : at + 4] != b"\xfe\xff\xdd\xe0":
        raise InputError(f"the fragments end after frame {items}", reason="truncated")


def check_pixels(dataset: Dataset, name: str) -> None:
    """Refuse a data set whose pixel data are missing, too short or too long, or not decodable.

    Raises:
        InputError: With the transfer syntax, or the bytes expected and found.
    """
    uid = UID(dataset.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian))
    if "PixelData" not in dataset:
        said = f"{shown(name)}: it has no pixel data (transfer syntax {_named(uid)})"
        raise InputError(said, reason="no pixels")
    if not uid.is_transfer_syntax or _is_packed(uid):
        _check_decoder(uid, name)
        return
    frames = int(dataset.get("NumberOfFrames") or 1)
    samples = int(dataset.get("SamplesPerPixel") or 1)
    bits = dataset.Rows * dataset.Columns * frames * samples * dataset.BitsAllocated
    expected, came = (bits + 7) // 8, len(dataset.PixelData)
    if came not in (expected, expected + expected % 2):
        said = f"{shown(name)}: expected {expected} bytes of pixel data, got {came}"
        raise InputError(said, reason="truncated")


def _is_packed(uid: UID) -> bool:
    """Say whether pixel data are in fragments; of a syntax that is not known nobody knows."""
    return uid.is_transfer_syntax and uid.is_encapsulated


def _named(uid: UID) -> str:
    """Return the name and number of a UID; of one that is none nothing is repeated."""
    return f"{uid.name} ({uid})" if uid.is_valid else "(no UID)"


def _check_decoder(uid: UID, name: str) -> None:
    try:
        ready = get_decoder(uid).is_available
    except NotImplementedError:
        ready = False
    if not ready:
        raise InputError(
            f"{shown(name)}: the transfer syntax {_named(uid)} has no decoder here: "
            "pip install 'pixelwise[medical]' pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg",
            reason="unsupported",
        )

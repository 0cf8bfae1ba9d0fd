"""JPEG: a walk over the markers, then libjpeg-turbo, whose warnings count as damage."""

import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin
from simplejpeg import decode_jpeg as decode_with_turbo

from pixelwise.errors import InputError, LimitError
from pixelwise.io.codecs.colours import pixels_of, to_srgb
from pixelwise.io.codecs.ifd import orientation_of
from pixelwise.io.codecs.raw import (
    DECODER_ERRORS,
    PILLOW_COPIES,
    Raw,
    corrupt,
    truncated,
)
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

__all__ = ["decode_jpeg"]

KIND = "JPEG"
SOS, EOI, DRI, RESTART = 0xDA, 0xD9, 0xDD, range(0xD0, 0xD8)
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
IN_SCAN = {SOS, EOI, DRI, 0xC4, 0xDB, 0xDC, 0xFE, *range(0xE0, 0xF0)}
"""Markers that may stand between scans; any other is damage."""
AFTER_ONE_SCAN = {EOI, 0xDC}
"""Markers that may follow the only scan of a file that is not progressive."""
MOST_SCANS = 500
"""Progressive files have about ten; thousands are an attack on the decoder's time."""
DAMAGED = "damaged: the compressed data hold what no encoder writes; parts may be wrong"
COPIES, COPIES_IN_SCANS = 1.1, 3.1
"""Decoded pictures in memory at the peak: a progressive file is kept whole in coefficients too."""


@dataclass(slots=True)
class Walk:
    """What the markers say."""

    width: int = 0
    height: int = 0
    components: int = 0
    exif: bytes = b""
    profile: dict[int, bytes] = field(default_factory=dict)
    sequential: bool = False
    whole: bool = False
    """Whether the scan at hand holds all components of a sequential file: there is no other."""
    scans: int = 0
    damaged: bool = False
    garbage: list[int] = field(default_factory=list)
    """Offsets of bytes in the data that look like markers and cannot be."""
    end: int = 0
    """Offset behind the end marker; 0 when there is none."""


def decode_jpeg(data: bytes, rules: Reading) -> Raw:
    """Return the picture of a JPEG file; damage in its data gives a note.

    Raises:
        InputError: Damaged, or cut and ``rules`` do not allow that.
        LimitError: Too large.
    """
    walk = _walk(data)
    profile = _profile(walk, rules.limits)
    plain = walk.components in (1, 3)
    copies = COPIES if walk.sequential else COPIES_IN_SCANS
    if not plain or profile is not None:
        copies = PILLOW_COPIES + 1
    rules.limits.check(walk.width, walk.height, max(walk.components, 3), copies)
    orientation = orientation_of(walk.exif)
    if walk.garbage:
        data = _without_garbage(data, walk)
    if walk.end == 0:
        return _part(data, rules, Raw(np.zeros((1, 1)), orientation, _notes(walk, data)), profile)
    if plain:
        pixels, more = to_srgb(_plain(data[: walk.end], walk), profile)
    else:
        pixels, more = _with_pillow(data[: walk.end], profile)
    if pixels.shape[:2] != (walk.height, walk.width):
        raise corrupt(KIND, "header and data disagree about its size")
    return Raw(pixels, orientation, _notes(walk, data) + more)


def _plain(data: bytes, walk: Walk) -> NDArray[np.uint8]:
    """Return RGB or grey, (H, W, C); what the decoder warns of is damage that no marker shows."""
    colours = "GRAY" if walk.components == 1 else "RGB"
    try:
        return decode_with_turbo(data, colours, strict=not walk.damaged)
    except DECODER_ERRORS as error:
        if walk.damaged:
            raise corrupt(KIND, error) from error
    walk.damaged = True
    return _plain(data, walk)


def _without_garbage(data: bytes, walk: Walk) -> bytes:
    """Return the data with false markers made plain values, so that decoding goes on behind."""
    mended = np.frombuffer(data, np.uint8).copy()
    mended[walk.garbage] = 0
    return mended.tobytes()


def _part(data: bytes, rules: Reading, raw: Raw, profile: bytes | None) -> Raw:
    """Return what is there of a file without its end."""
    if not rules.allow_truncated:
        raise truncated(KIND)
    pixels, more = _with_pillow(data + b"\xff\xd9", profile)
    note = "truncated: the end of the file is missing; the rest of the picture is grey"
    return Raw(pixels, raw.orientation, (note, *raw.notes, *more))


def _with_pillow(data: bytes, profile: bytes | None) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    try:
        with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as picture:
            picture.load()
            return pixels_of(picture, profile)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error


def _notes(walk: Walk, data: bytes) -> tuple[str, ...]:
    notes = [DAMAGED] if walk.damaged else []
    rest = len(data) - walk.end if walk.end else 0
    if rest:
        notes.append(f"trailing: {rest} bytes after the end of the picture were ignored")
    return tuple(notes)


def _walk(data: bytes) -> Walk:
    """Return what the markers say, up to the end of the first picture.

    Raises:
        InputError: No picture header was found before the data.
        LimitError: There are too many scans.
    """
    walk = Walk()
    candidates = _markers(data)
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            walk.damaged = True
            position = max(data.find(b"\xff", position), 0) or len(data)
            continue
        marker = data[position + 1]
        if marker == EOI:
            walk.end = position + 2
            break
        if marker == 0xFF or marker in RESTART or marker == 0:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        _segment(walk, marker, data[position + 4 : position + 2 + length])
        position += 2 + max(length, 2)
        if marker == SOS:
            position = _skip_scan(walk, data, candidates, position)
    if data[position : position + 2] == b"\xff\xd9":
        walk.end = position + 2
    if walk.components == 0:
        raise truncated(KIND) if len(data) < 4096 else corrupt(KIND, "it has no picture header")
    return walk


def _segment(walk: Walk, marker: int, body: bytes) -> None:
    if marker in FRAMES and walk.components == 0:
        _frame(walk, body)
        walk.sequential = marker in (0xC0, 0xC1)
    elif marker == 0xE1 and body.startswith(b"Exif\0\0") and not walk.exif:
        walk.exif = body
    elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
        walk.profile.setdefault(body[12], body[14:])
    elif marker == SOS:
        walk.scans += 1
        walk.whole = walk.sequential and body[:1] == bytes([walk.components])
        if walk.scans > MOST_SCANS:
            raise LimitError(f"the JPEG has over {MOST_SCANS} scans, the limit")


def _frame(walk: Walk, body: bytes) -> None:
    if len(body) < 6:
        raise truncated(KIND)
    if body[0] != 8:
        raise InputError(f"expected a JPEG of 8 bits, this one has {body[0]}", reason="unsupported")
    walk.height = int.from_bytes(body[1:3], "big")
    walk.width = int.from_bytes(body[3:5], "big")
    walk.components = body[5]
    if walk.width == 0 or walk.height == 0 or walk.components not in (1, 3, 4):
        size = f"{walk.width} x {walk.height} with {walk.components} components"
        raise corrupt(KIND, f"its header says {size}")


def _markers(data: bytes) -> NDArray[np.int64]:
    """Return the offsets of every 0xFF that is no value, or is one that no encoder writes.

    Before a marker there may be more than one 0xFF, before the 0 of a value there may not.
    """
    array = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(array[:-2] == 0xFF)
    first, second = array[places + 1], array[places + 2]
    return places[np.where(first == 0xFF, second == 0, first != 0)]


def _skip_scan(walk: Walk, data: bytes, candidates: NDArray[np.int64], start: int) -> int:
    """Return the offset of the marker behind the scan that begins at ``start``."""
    restarts = 0
    ends = AFTER_ONE_SCAN if walk.whole else IN_SCAN
    for place in candidates[np.searchsorted(candidates, start) :]:
        marker = data[place + 1]
        if marker in RESTART:
            walk.damaged |= marker != RESTART[restarts % 8]
            restarts += 1
        elif marker in ends:
            return int(place)
        else:
            walk.damaged = True
            walk.garbage.append(int(place) + 1)
    return max(len(data) - 2, start)


def _profile(walk: Walk, limits: Limits) -> bytes | None:
    limits.check_profile(sum(len(part) for part in walk.profile.values()))
    parts = [walk.profile[number] for number in sorted(walk.profile)]
    return b"".join(parts) or None

"""PNG: every chunk checked, then only what makes the picture goes to the decoder."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import PngImagePlugin

from pixelwise.errors import InputError
from pixelwise.io.codecs.colours import pixels_of, to_srgb
from pixelwise.io.codecs.ifd import orientation_of
from pixelwise.io.codecs.png_samples import numbers, samples
from pixelwise.io.codecs.raw import (
    DECODER_ERRORS,
    OPENCV_COPIES,
    PILLOW_COPIES,
    Raw,
    corrupt,
    decode_with_opencv,
    truncated,
)
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

__all__ = ["SIGNATURE", "chunk", "decode_png", "numbers_of_png"]

KIND = "PNG"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
STEP = 1 << 20
"""Bytes that are inflated at a time."""


@dataclass(slots=True)
class Walk:
    """What the chunks say."""

    width: int = 0
    height: int = 0
    depth: int = 0
    colour: int = 0
    interlaced: bool = False
    chunks: list[tuple[bytes, bytes | memoryview]] = field(default_factory=list)
    """Those that make the picture: (type, body)."""
    others: dict[bytes, bytes] = field(default_factory=dict)
    """The first sound chunk of each other type."""
    complete: bool = False
    clean: bool = True
    """Whether the file has no other chunks, so that it can be decoded as it is."""
    end: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def has_transparency(self) -> bool:
        """Whether there is a tRNS chunk."""
        return any(kind == b"tRNS" for kind, _ in self.chunks)


def chunk(kind: bytes, body: bytes | memoryview) -> bytes:
    """Return a PNG chunk with its length and checksum."""
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(body)), kind, body, struct.pack(">I", checksum)))


def decode_png(data: bytes, rules: Reading) -> Raw:
    """Return the picture of a PNG file; of an animated one the first frame, with a note.

    Raises:
        InputError: Damaged, or cut and ``rules`` do not allow that.
        LimitError: Too large, in pixels or in inflated text.
    """
    walk = _walk(data, rules.limits)
    profile = _profile(walk, rules.limits)
    if not walk.complete:
        if not rules.allow_truncated:
            raise truncated(KIND)
        data = _mended(walk)
        walk.notes.append("truncated: the end of the file is missing; the rest is black")
    elif not walk.clean:
        data = SIGNATURE + b"".join(chunk(kind, body) for kind, body in walk.chunks)
    if b"acTL" in walk.others:
        walk.notes.append("animation: the default picture of an animated PNG was read")
    if walk.end < len(data) and walk.clean and walk.complete:
        data = data[: walk.end]
    pixels, notes = _pixels(data, walk, profile)
    if pixels.shape[:2] != (walk.height, walk.width):
        raise corrupt(KIND, "header and data disagree about its size")
    orientation = orientation_of(walk.others.get(b"eXIf", b""))
    return Raw(pixels, orientation, (*walk.notes, *notes))


def numbers_of_png(data: bytes, rules: Reading) -> NDArray[Any] | None:
    """Return what an indexed or grey PNG stores, (H, W) palette indices or grey values.

    None when it has colours, or is grey in a way that only :func:`decode_png` reads.

    Raises:
        InputError: Damaged, or indexed and cut.
        LimitError: Too large.
    """
    walk = _walk(data, rules.limits)
    if (found := _plain(walk, numbers)) is not None or walk.colour != 3:
        return found
    if not walk.complete:
        raise truncated(KIND)
    parts = [chunk(kind, body) for kind, body in walk.chunks if kind != b"tRNS"]
    try:
        with PngImagePlugin.PngImageFile(io.BytesIO(SIGNATURE + b"".join(parts))) as picture:
            picture.load()
            return np.asarray(picture)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error


def _plain(walk: Walk, take: Callable[..., NDArray[Any] | None] = samples) -> NDArray[Any] | None:
    """Return the samples of a grey or indexed picture of whole bytes; None for all others."""
    if walk.colour not in {0, 3} or walk.depth < 8 or walk.interlaced or not walk.complete:
        return None
    body = b"".join(part for kind, part in walk.chunks if kind == b"IDAT")
    return take(body, (walk.height, walk.width), walk.depth)


def _pixels(data: bytes, walk: Walk, profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    if walk.colour == 0 and not walk.has_transparency and (found := _plain(walk)) is not None:
        return to_srgb(np.ascontiguousarray(found, found.dtype.newbyteorder("=")), profile)
    simple = walk.depth >= 8 and walk.colour != 3 and not walk.has_transparency
    if (simple or walk.depth == 16) and max(walk.width, walk.height) <= 2**20:
        return to_srgb(_with_opencv(data, walk), profile)
    try:
        with PngImagePlugin.PngImageFile(io.BytesIO(data)) as picture:
            picture.load()
            return pixels_of(picture, profile)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error


def _with_opencv(data: bytes, walk: Walk) -> NDArray[Any]:
    if walk.colour == 2 and walk.depth == 8:
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        return decode_with_opencv(data, flags, KIND)
    pixels = decode_with_opencv(data, cv2.IMREAD_UNCHANGED, KIND)
    if pixels.ndim == 3:
        code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        cv2.cvtColor(pixels, code, dst=pixels)
    return pixels


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start and length of each chunk that is whole."""
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if position + 12 + length > len(data):
            return
        yield kind, position + 8, length
        position += 12 + length


def _walk(data: bytes, limits: Limits) -> Walk:
    """Check and sort the chunks.

    Raises:
        InputError: A chunk that makes the picture is damaged.
        LimitError: The picture or its text is too large.
    """
    walk = Walk()
    text = 0
    view = memoryview(data)
    for kind, start, length in _chunks(data):
        # Only the pixels' own data are large; they are looked at where they lie.
        body = view[start : start + length] if kind == b"IDAT" else data[start : start + length]
        sound = (
            zlib.crc32(body, zlib.crc32(kind)) == struct.unpack_from(">I", data, start + length)[0]
        )
        if not walk.chunks and kind != b"IHDR":
            raise corrupt(KIND, "it does not begin with its header")
        if kind in NEEDED:
            _take(walk, kind, body, limits, sound=sound)
        elif kind[0] & 0x20 == 0:
            raise corrupt(KIND, f"it has an unknown chunk {kind!r} that is needed to show it")
        elif sound:
            text = _count_text(kind, bytes(body), text, limits)
            walk.others.setdefault(kind, bytes(body))
        else:
            walk.notes.append(f"damaged: the chunk {kind!r} has a wrong checksum and was ignored")
        walk.clean &= kind in NEEDED
        if kind == b"IEND":
            walk.complete, walk.end = True, start + length + 4
            break
    return _checked(walk, data)


def _checked(walk: Walk, data: bytes) -> Walk:
    if walk.width == 0:
        raise truncated(KIND)
    present = {kind for kind, _ in walk.chunks}
    if walk.complete and b"IDAT" not in present:
        raise corrupt(KIND, "it has no picture data")
    if walk.colour == 3 and b"PLTE" not in present:
        raise corrupt(KIND, "its palette is missing") if walk.complete else truncated(KIND)
    if walk.complete and walk.end < len(data):
        rest = len(data) - walk.end
        walk.notes.append(f"trailing: {rest} bytes after the end of the picture were ignored")
    return walk


def _take(
    walk: Walk, kind: bytes, body: bytes | memoryview, limits: Limits, *, sound: bool
) -> None:
    """Keep a chunk that makes the picture."""
    if not sound and kind == b"tRNS":
        walk.notes.append("damaged: the transparency has a wrong checksum and was ignored")
        walk.clean = False
        return
    if not sound:
        raise corrupt(KIND, f"the chunk {kind.decode()} has a wrong checksum")
    if kind == b"IHDR":
        _header(walk, body, limits)
    walk.chunks.append((kind, body))


def _header(walk: Walk, body: bytes | memoryview, limits: Limits) -> None:
    if len(body) != 13 or walk.chunks:
        raise corrupt(KIND, "its header has a wrong length or stands twice")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
    if width == 0 or height == 0 or depth not in DEPTHS.get(colour, ()):
        what = f"{width} x {height}, {depth} bits, colour type {colour}"
        raise corrupt(KIND, f"its header says {what}")
    walk.width, walk.height, walk.depth, walk.colour = width, height, depth, colour
    walk.interlaced = interlace == 1
    channels = 4 if colour == 3 else CHANNELS[colour]
    copies = PILLOW_COPIES if colour == 3 else OPENCV_COPIES
    limits.check(width, height, channels * max(depth // 8, 1), copies)


def _count_text(kind: bytes, body: bytes, total: int, limits: Limits) -> int:
    """Return the bytes of text so far, inflating step by step and keeping none of it."""
    if kind == b"zTXt":
        packed = body.partition(b"\0")[2][1:]
    elif kind == b"iTXt" and body.partition(b"\0")[2][:1] == b"\1":
        packed = body.partition(b"\0")[2][2:].partition(b"\0")[2].partition(b"\0")[2]
    else:
        limits.check_text(total + len(body) if kind in (b"tEXt", b"iTXt") else total)
        return total + (len(body) if kind in (b"tEXt", b"iTXt") else 0)
    inflate = zlib.decompressobj()
    try:
        while packed and not inflate.eof:
            total += len(inflate.decompress(packed, STEP))
            limits.check_text(total)
            packed = inflate.unconsumed_tail
    except zlib.error:
        return total
    return total


def _profile(walk: Walk, limits: Limits) -> bytes | None:
    """Return the inflated colour profile; an sRGB chunk says that none is needed."""
    body = walk.others.get(b"iCCP")
    if body is None or b"sRGB" in walk.others:
        return None
    packed = body.partition(b"\0")[2][1:]
    try:
        profile = zlib.decompressobj().decompress(packed, limits.profile_bytes + 1)
    except zlib.error:
        return b"broken"
    limits.check_profile(len(profile))
    return profile


def _mended(walk: Walk) -> bytes:
    """Return a whole file from the data that are there: missing rows become 0.

    Raises:
        InputError: Not one row is there, or the picture is interlaced.
    """
    body = b"".join(part for kind, part in walk.chunks if kind == b"IDAT")
    bits = CHANNELS[walk.colour] * walk.depth
    line = 1 + (walk.width * bits + 7) // 8
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(body, line * walk.height)
    except zlib.error as error:
        raise corrupt(KIND, error) from error
    rows = len(found) // line
    if rows == 0 or walk.interlaced:
        raise InputError("the PNG file was cut before its first row", reason="truncated")
    whole = found[: rows * line] + bytes(line * (walk.height - rows))
    kept = [chunk(kind, part) for kind, part in walk.chunks if kind not in (b"IDAT", b"IEND")]
    return b"".join(
        [SIGNATURE, *kept, chunk(b"IDAT", zlib.compress(whole, 1)), chunk(b"IEND", b"")]
    )

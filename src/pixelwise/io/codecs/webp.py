"""WebP: size, frames and profile from the chunks, then libwebp through Pillow."""

import io
import struct

from PIL import WebPImagePlugin

from pixelwise.io.codecs.colours import pixels_of
from pixelwise.io.codecs.ifd import orientation_of
from pixelwise.io.codecs.raw import DECODER_ERRORS, PILLOW_COPIES, Raw, corrupt, truncated
from pixelwise.io.format import Reading

__all__ = ["decode_webp"]

KIND = "WebP"
VP8_START = b"\x9d\x01\x2a"


def decode_webp(data: bytes, rules: Reading) -> Raw:
    """Return the picture, or the first frame with a note, of a WebP file.

    Raises:
        InputError: Damaged or cut.
        LimitError: Too large, or too many frames.
    """
    chunks, frames = _walk(data)
    sizes = [SIZES[kind](body) for kind, body in chunks.items() if kind in SIZES]
    if not sizes or 0 in sizes[0]:
        raise corrupt(KIND, "it has no picture")
    width, height = sizes[0]
    profile = chunks.get(b"ICCP")
    rules.limits.check(width, height, 4, PILLOW_COPIES + 1)
    rules.limits.check_frames(frames)
    rules.limits.check_profile(len(profile or b""))
    try:
        with WebPImagePlugin.WebPImageFile(io.BytesIO(data)) as picture:
            picture.load()
            pixels, notes = pixels_of(picture, profile)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error
    if pixels.shape[:2] != (height, width):
        raise corrupt(KIND, "header and data disagree about its size")
    if frames > 1:
        notes = (*notes, f"animation: the first of {frames} frames was read")
    return Raw(pixels, orientation_of(chunks.get(b"EXIF", b"")), notes)


def _walk(data: bytes) -> tuple[dict[bytes, bytes], int]:
    """Return the first chunk of each type, in order, and the number of frames."""
    if len(data) < 30 or struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise truncated(KIND)
    chunks: dict[bytes, bytes] = {}
    frames, position = 0, 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        if position + 8 + length > len(data):
            raise truncated(KIND)
        chunks.setdefault(kind, data[position + 8 : position + 8 + length])
        frames += kind == b"ANMF"
        position += 8 + length + length % 2
    return chunks, frames


def _lossy_size(body: bytes) -> tuple[int, int]:
    if len(body) < 10 or body[3:6] != VP8_START:
        raise corrupt(KIND, "its VP8 header is wrong")
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(body: bytes) -> tuple[int, int]:
    if len(body) < 5 or body[0] != 0x2F:
        raise corrupt(KIND, "its VP8L header is wrong")
    (bits,) = struct.unpack_from("<I", body, 1)
    return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1


def _canvas_size(body: bytes) -> tuple[int, int]:
    if len(body) < 10:
        raise corrupt(KIND, "its VP8X header is wrong")
    width, height = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:10], "little")
    return width + 1, height + 1


SIZES = {b"VP8 ": _lossy_size, b"VP8L": _lossless_size, b"VP8X": _canvas_size}
"""Chunk -> how it says its size."""

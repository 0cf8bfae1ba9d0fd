"""GIF: the first frame, after a walk that counts the others."""

import io
import struct

from PIL import GifImagePlugin

from pixelwise.io.codecs.colours import pixels_of
from pixelwise.io.codecs.raw import DECODER_ERRORS, PILLOW_COPIES, Raw, corrupt, truncated
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

__all__ = ["decode_gif"]

KIND = "GIF"
IMAGE, EXTENSION, END = 0x2C, 0x21, 0x3B


def decode_gif(data: bytes, rules: Reading) -> Raw:
    """Return the first frame of a GIF, with a note when there are more.

    Raises:
        InputError: Damaged, cut, or a frame leaves the canvas.
        LimitError: Too large, or too many frames.
    """
    width, height, start = _screen(data)
    rules.limits.check(width, height, 4, PILLOW_COPIES)
    frames, end = _count_frames(data, start, (width, height), rules.limits)
    if frames == 0:
        raise truncated(KIND)
    if end == 0 and frames == 1 and not rules.allow_truncated:
        raise truncated(KIND)
    try:
        with GifImagePlugin.GifImageFile(io.BytesIO(data)) as picture:
            picture.load()
            pixels, more = pixels_of(picture, None)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error
    if pixels.shape[:2] != (height, width):
        raise corrupt(KIND, "header and data disagree about its size")
    return Raw(pixels, 1, _notes(frames, end, len(data)) + more)


def _screen(data: bytes) -> tuple[int, int, int]:
    """Return width, height and the offset of the first block."""
    if len(data) < 13:
        raise truncated(KIND)
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    if width == 0 or height == 0:
        raise corrupt(KIND, f"its header says {width} x {height}")
    return width, height, 13 + (_table(flags) if flags & 0x80 else 0)


def _notes(frames: int, end: int, length: int) -> tuple[str, ...]:
    notes = []
    if end == 0:
        notes.append("truncated: the end mark is missing; what follows may be lost")
    elif end < length:
        notes.append(f"trailing: {length - end} bytes after the end were ignored")
    if frames > 1:
        notes.append(f"animation: the first of {frames} frames was read")
    return tuple(notes)


def _count_frames(
    data: bytes, position: int, size: tuple[int, int], limits: Limits
) -> tuple[int, int]:
    """Return the number of frames and the offset behind the end mark, 0 when it is missing."""
    frames = 0
    while position < len(data):
        mark = data[position]
        if mark == END:
            return frames, position + 1
        if mark == EXTENSION:
            position = _skip_blocks(data, position + 2)
        elif mark == IMAGE and position + 11 <= len(data):
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, position + 1)
            if left + wide > size[0] or top + high > size[1] or wide == 0 or high == 0:
                place = f"{wide} x {high} at {left}, {top}"
                raise corrupt(KIND, f"a frame of {place} is outside the canvas {size}")
            frames += 1
            limits.check_frames(frames)
            position += 11 + (_table(flags) if flags & 0x80 else 0)
            position = _skip_blocks(data, position)
        else:
            break
    return frames, 0


def _table(flags: int) -> int:
    """Return the bytes of a colour table."""
    return 3 << ((flags & 7) + 1)


def _skip_blocks(data: bytes, position: int) -> int:
    """Return the offset behind a chain of blocks."""
    while position < len(data) and data[position]:
        position += data[position] + 1
    return position + 1

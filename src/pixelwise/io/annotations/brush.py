"""Label Studio's brush masks: bytes packed bit by bit as runs and words of varying width.

A stream begins with the number of bytes (32 bits), the width of a word less one (5), and four
widths of run lengths less one (4 each). Then blocks: a bit, repeat or copy; two bits, which width;
the length less one; and one word or as many as the length says.
"""

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["packed", "unpacked"]

WIDTHS = (3, 4, 8, 16)
"""Bits of run lengths that are written; 16 pixels of four channels fit into 6 bits."""
CHANNELS = 4
OPAQUE = 255


def packed(mask: NDArray[np.bool_]) -> list[int]:
    """Return a mask (H, W) as the bytes of a stream of RGBA pixels, 255 where it is.

    >>> unpacked(packed(np.eye(3, dtype=bool)), (3, 3)).astype(int).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    flat = mask.reshape(-1)
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate([[0], turns, [flat.size]]) * CHANNELS
    bits = [f"{flat.size * CHANNELS:032b}", f"{7:05b}", *(f"{width - 1:04b}" for width in WIDTHS)]
    value = bool(flat[0]) if flat.size else False
    for length in np.diff(bounds).tolist():
        bits += _blocks(length, OPAQUE if value else 0)
        value = not value
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return [int(text[start : start + 8], 2) for start in range(0, len(text), 8)]


def unpacked(data: list[int], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the mask (H, W) of a stream; no byte beyond the picture is ever made.

    Raises:
        InputError: The stream is damaged or is not of the picture's size.
    """
    if not all(isinstance(value, int) and 0 <= value < 256 for value in data):
        raise InputError("expected bytes from 0 to 255", reason="rle")
    reader = _Bits(np.unpackbits(np.array(data, np.uint8)))
    total = reader.number(32)
    if total != size[0] * size[1] * CHANNELS:
        raise InputError(
            f"the brush has {total} bytes, the picture {size[0]} x {size[1]} x {CHANNELS}",
            reason="rle",
        )
    word = reader.number(5) + 1
    widths = [reader.number(4) + 1 for _ in WIDTHS]
    values = np.zeros(total, np.uint8)
    place = 0
    while place < total:
        repeat = reader.number(1)
        length = 1 + reader.number(widths[reader.number(2)])
        if place + length > total:
            raise InputError("the brush runs over the end of the picture", reason="rle")
        if repeat:
            values[place : place + length] = reader.number(word) & 255
        else:
            values[place : place + length] = [reader.number(word) & 255 for _ in range(length)]
        place += length
    return values.reshape(*size, CHANNELS)[..., 3] > 0


def _blocks(length: int, value: int) -> list[str]:
    blocks = []
    while length > 0:
        step = min(length, 1 << WIDTHS[-1])
        kind = next(kind for kind, width in enumerate(WIDTHS) if step <= 1 << width)
        blocks.append(f"1{kind:02b}{step - 1:0{WIDTHS[kind]}b}{value:08b}")
        length -= step
    return blocks


class _Bits:
    """Reads numbers from bits."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self._text = (bits + 48).astype(np.uint8).tobytes().decode("ascii")
        self._place = 0

    def number(self, width: int) -> int:
        """Return the number in the next bits.

        Raises:
            InputError: They are over.
        """
        end = self._place + width
        if end > len(self._text):
            raise InputError("the brush ends too early", reason="rle")
        found = int(self._text[self._place : end], 2)
        self._place = end
        return found

"""Unpacking gzip and zlib with a count of what comes out."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, LimitError
from pixelwise.io.volumes.scratch import room

__all__ = ["GZIP", "Inflating", "unpacked"]

GZIP = b"\x1f\x8b"
EITHER = 47
"""What tells zlib to expect a header of gzip or of its own."""
STEP = 1 << 20
"""Bytes that are unpacked at a time."""
LONGEST = 1 << 24
"""Bytes that are in memory at a time where the rest goes to an array."""


class Inflating:
    """A gzip or zlib stream that is unpacked in parts.

    Args:
        data: The packed bytes.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        self._left = memoryview(data)
        self._engine = zlib.decompressobj(EITHER)
        self._tail = b""

    def take(self, count: int) -> bytearray:
        """Return the next ``count`` bytes, or fewer at the end of the stream.

        Raises:
            InputError: The stream is damaged.
        """
        made = bytearray()
        while len(made) < count and (part := self._more(count - len(made))):
            made += part
        return made

    def fill(self, body: NDArray[np.uint8]) -> int:
        """Fill an array with the next bytes and return how many came."""
        at = 0
        while at < len(body) and (part := self.take(min(len(body) - at, LONGEST))):
            body[at : at + len(part)] = np.frombuffer(part, np.uint8)
            at += len(part)
        return at

    @property
    def is_whole(self) -> bool:
        """Whether the end of the stream was reached and its checksum was right."""
        return self._engine.eof

    def _more(self, most: int) -> bytes:
        if self._engine.eof:
            return b""
        try:
            while True:
                packed = self._tail or bytes(self._left[:STEP])
                if not self._tail:
                    self._left = self._left[STEP:]
                part = self._engine.decompress(packed, most)
                self._tail = self._engine.unconsumed_tail
                if part or self._engine.eof or not (self._tail or len(self._left)):
                    return part
        except zlib.error as error:
            raise InputError(f"the packed data are damaged: {error}", reason="damaged") from error


def unpacked(
    data: bytes | memoryview, count: int, scratch: Path | None = None
) -> NDArray[np.uint8]:
    """Return the content of a gzip or zlib stream, counted while it is unpacked.

    Args:
        data: The packed bytes.
        count: Bytes that are to come out.
        scratch: Folder for what is larger than memory; None: it is in memory.

    Raises:
        InputError: It is cut or damaged, or less comes out.
        LimitError: More comes out.

    >>> import gzip
    >>> unpacked(gzip.compress(b"abc"), 3).tobytes()
    b'abc'
    """
    stream = Inflating(data)
    made: NDArray[Any] = room((count,), np.uint8, scratch)
    came = stream.fill(made)
    if came < count:
        raise InputError(f"expected {count} bytes of voxels, got {came}", reason="truncated")
    if not stream.is_whole and stream.take(1):
        raise LimitError(f"the file unpacks to over {count} bytes, which is more than it may hold")
    if not stream.is_whole:
        raise InputError("the packed file is cut: its end is missing", reason="truncated")
    return made

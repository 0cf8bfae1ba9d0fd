"""Unpacking gzip with a count of what comes out."""

import zlib

from pixelwise.errors import InputError, LimitError

__all__ = ["GZIP", "Inflating", "unpacked"]

GZIP = b"\x1f\x8b"
GZIP_BITS = 31
STEP = 1 << 20
"""Bytes that are unpacked at a time."""


class Inflating:
    """A gzip stream that is unpacked in parts.

    Args:
        data: The packed bytes.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        self._left = memoryview(data)
        self._engine = zlib.decompressobj(GZIP_BITS)
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


def unpacked(data: bytes | memoryview, most: int) -> bytes:
    """Return the content of a gzip stream, counted while it is unpacked.

    Args:
        data: The packed bytes.
        most: Bytes that may come out.

    Raises:
        InputError: It is cut or damaged.
        LimitError: More comes out.

    >>> import gzip
    >>> unpacked(gzip.compress(b"abc"), 3)
    b'abc'
    """
    stream = Inflating(data)
    made = stream.take(most)
    if not stream.is_whole and stream.take(1):
        raise LimitError(f"the file unpacks to over {most} bytes, which is more than it may hold")
    if not stream.is_whole:
        raise InputError("the packed file is cut: its end is missing", reason="truncated")
    return bytes(made)

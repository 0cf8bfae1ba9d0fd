"""PNG data with one sample a pixel, as masks and label maps have, without a picture library."""

import zlib
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "numbers", "samples"]

KERNELS = Kernels("pixelwise.io.codecs.png_kernels")
"""The compiled way to take the filters off."""

LIBDEFLATE = find_spec("deflate") is not None
"""Whether libdeflate inflates, ten times as fast as zlib on masks; it comes with ``fast``."""


def samples(
    body: bytes | memoryview, size: tuple[int, int], depth: int
) -> NDArray[np.uint8] | NDArray[np.uint16] | None:
    """Return the samples (H, W) of data that are not interlaced: a view, uint8 or uint16 (``>u2``).

    None when the data are not sound, for a decoder to say how, or while rows are filtered and no
    kernel is compiled. Rows that are not filtered, as ours, need none.
    Never more is inflated than the picture takes.

    Args:
        body: What the IDAT chunks hold.
        size: (height, width).
        depth: Bits of a sample, 8 or 16.

    >>> made = samples(zlib.compress(bytes([0, 7, 9])), (1, 2), 8)
    >>> made is None or made.tolist() == [[7, 9]]
    True
    """
    lines = _lines(body, size, depth // 8)
    return None if lines is None else _view(lines, depth)


def numbers(
    body: bytes | memoryview, size: tuple[int, int], depth: int
) -> NDArray[np.int32] | None:
    """Return the same as numbers of their own, (H, W) int32.

    >>> made = numbers(zlib.compress(bytes([0, 1, 9])), (1, 1), 16)
    >>> made is None or made.tolist() == [[265]]
    True
    """
    lines = _lines(body, size, depth // 8)
    kernels = KERNELS.ready() if depth == 16 else None
    if lines is None or kernels is None:
        return None if lines is None else _view(lines, depth).astype(np.int32)
    made: NDArray[np.int32] = kernels.numbers(lines)
    return made


def _lines(body: bytes | memoryview, size: tuple[int, int], unit: int) -> NDArray[np.uint8] | None:
    """Return the rows without their filters, each behind the byte that told its filter."""
    height, line = size[0], 1 + size[1] * unit
    found = _inflated(body, line * height)
    if found is None:
        return None
    lines = np.frombuffer(found, np.uint8).reshape(height, line)
    if lines[:, 0].any():
        kernels = KERNELS.ready()
        words = lines[:, 1 : 1 + (line - 1) // 8 * 8].view(np.uint64)
        if kernels is None or not kernels.unfiltered(lines, words, unit):
            return None
    return lines


def _view(lines: NDArray[np.uint8], depth: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    return lines[:, 1:] if depth == 8 else lines[:, 1:].view(">u2")


def _inflated(body: bytes | memoryview, size: int) -> bytearray | None:
    """Return the ``size`` bytes that are packed in ``body``; None when they are not as many."""
    if LIBDEFLATE:
        from deflate import DeflateError, zlib_decompress  # noqa: PLC0415 - an extra

        try:
            found = zlib_decompress(body, size)
        except DeflateError:
            return None
        return found if len(found) == size else None
    inflate = zlib.decompressobj()
    try:
        whole = inflate.decompress(body, size + 1)
    except zlib.error:
        return None
    return bytearray(whole) if inflate.eof and len(whole) == size else None

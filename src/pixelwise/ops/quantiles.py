"""Exact quantiles of values that are never in memory all at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["quantiles"]

DIGIT = 16
"""Bits that one look at all values settles."""


def quantiles(pieces: Callable[[], Iterable[NDArray[Any]]], shares: Sequence[float]) -> list[float]:
    """Return quantiles as ``np.quantile`` gives them, linear between the two nearest values.

    Values are ordered by their bits, 16 at a time: memory is a few tables of 65536 counts.

    Args:
        pieces: Gives all values, none of them not a number, as often as it is called (once for
            values of 16 bits, twice for 32).
        shares: 0 to 1.

    Returns:
        As many numbers; not a number where there are no values.

    >>> parts = [np.array([4.0, 1.0]), np.array([]), np.array([3.0])]
    >>> quantiles(lambda: parts, (0.0, 0.5, 0.75))
    [1.0, 3.0, 3.5]
    """
    count = sum(piece.size for piece in pieces())
    if not count:
        return [float("nan")] * len(shares)
    places = np.asarray(shares) * (count - 1)
    below, above = np.floor(places).astype(np.int64), np.ceil(places).astype(np.int64)
    values = _at(pieces, sorted({*below.tolist(), *above.tolist()}))
    return [
        values[low] + (values[high] - values[low]) * (place - low)
        for low, high, place in zip(below.tolist(), above.tolist(), places.tolist(), strict=True)
    ]


def _at(pieces: Callable[[], Iterable[NDArray[Any]]], ranks: Sequence[int]) -> dict[int, float]:
    """Return the values at places of the order, by radix selection."""
    dtype = next(piece.dtype for piece in pieces())
    bits = 8 * dtype.itemsize
    starts, left = dict.fromkeys(ranks, 0), {rank: rank for rank in ranks}
    for shift in range(max(bits - DIGIT, 0), -1, -DIGIT):
        counts = _counted(pieces, sorted(set(starts.values())), shift)
        for rank in ranks:
            upto = np.cumsum(counts[starts[rank]])
            digit = int(np.searchsorted(upto, left[rank], side="right"))
            left[rank] -= int(upto[digit - 1]) if digit else 0
            starts[rank] = (starts[rank] << DIGIT) + digit
    return {rank: _value(start, dtype) for rank, start in starts.items()}


def _counted(
    pieces: Callable[[], Iterable[NDArray[Any]]], starts: Sequence[int], shift: int
) -> dict[int, NDArray[np.int64]]:
    """Return for each beginning of a key how often each next digit follows it."""
    counts = {start: np.zeros(1 << DIGIT, np.int64) for start in starts}
    for piece in pieces():
        keys = _keys(piece).astype(np.uint64) >> np.uint64(shift)
        digits = (keys & np.uint64(0xFFFF)).astype(np.int64)
        begins = keys >> np.uint64(DIGIT)
        for start in starts:
            follow = digits[begins == np.uint64(start)]
            counts[start] += np.bincount(follow, minlength=1 << DIGIT)
    return counts


def _keys(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers without sign in the order of the values."""
    kind = np.dtype(f"u{values.dtype.itemsize}")
    flat = np.ascontiguousarray(values).reshape(-1)
    if values.dtype.kind in "bu":
        return flat.view(kind)
    keys, sign = flat.view(kind), kind.type(1 << (8 * kind.itemsize - 1))
    if values.dtype.kind == "i":
        return keys ^ sign
    return np.where(keys & sign, ~keys, keys | sign)


def _value(key: int, dtype: np.dtype[Any]) -> float:
    """Return the value whose key that is."""
    kind = np.dtype(f"u{dtype.itemsize}")
    top = 1 << (8 * kind.itemsize - 1)
    if dtype.kind == "i":
        key ^= top
    elif dtype.kind == "f":
        key = key - top if key & top else ~key & (2 * top - 1)
    return float(np.array([key], kind).view(dtype)[0])

"""Sorting of many floats with their places, by digits instead of by comparison."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["dense_ranks", "places_of", "sorted_keys"]

DIGIT = 11
"""Bits sorted at a time: 2048 counters stay in the nearest cache."""


def sorted_keys(values: NDArray[np.float32], places: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return the values' bits (upper half) and places (lower half), the least value first.

    Equal values keep their order. NaN comes last, -0 equals 0.

    Args:
        values: (N,) float32.
        places: (N,) uint32.

    >>> keys = sorted_keys(np.float32([3, -1, 2]), np.arange(3, dtype=np.uint32))
    >>> places_of(keys).tolist()
    [1, 2, 0]
    """
    bits: NDArray[np.int32] = (values + np.float32(0)).view(np.int32)
    if np.isnan(values).any():
        bits = np.where(np.isnan(values), np.int32(0x7FC00000), bits)
    monotone = np.where(bits < 0, ~bits, bits ^ np.int32(-(2**31))).view(np.uint32)
    return _sorted(monotone, places, np.empty(len(bits), np.uint64), np.empty(len(bits), np.uint64))


def places_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the places that sorted keys carry."""
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def dense_ranks(values: NDArray[np.float32]) -> tuple[NDArray[np.int32], int]:
    """Return the rank of each value among the different values, and how many there are.

    >>> dense_ranks(np.float32([5, 1, 5]))[0].tolist()
    [1, 0, 1]
    """
    keys = sorted_keys(values, np.arange(len(values), dtype=np.uint32))
    ranks = np.empty(len(values), np.int32)
    return ranks, int(_rank(keys, ranks))


@jit
def _sorted(
    bits: NDArray[np.uint32],
    places: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    spare: NDArray[np.uint64],
) -> NDArray[np.uint64]:
    """Sort by the low digit, then the middle one, then the high one; each pass keeps order."""
    size = 1 << DIGIT
    counts = np.zeros((3, size), np.int64)
    for number in range(len(bits)):
        keys[number] = (np.uint64(bits[number]) << np.uint64(32)) | np.uint64(places[number])
        for digit in range(3):
            counts[digit, (bits[number] >> np.uint32(DIGIT * digit)) & np.uint32(size - 1)] += 1
    for digit in range(3):
        total = 0
        for value in range(size):
            here = counts[digit, value]
            counts[digit, value] = total
            total += here
        shift = np.uint64(32 + DIGIT * digit)
        for key in keys:
            value = (key >> shift) & np.uint64(size - 1)
            spare[counts[digit, value]] = key
            counts[digit, value] += 1
        keys, spare = spare, keys
    return keys


@jit
def _rank(keys: NDArray[np.uint64], ranks: NDArray[np.int32]) -> int:
    rank = 0
    for number in range(len(keys)):
        key = keys[number]
        if number > 0 and key >> np.uint64(32) != keys[number - 1] >> np.uint64(32):
            rank += 1
        ranks[key & np.uint64(0xFFFFFFFF)] = rank
    return rank + 1

"""Sorting of many floats with their places, by digits instead of by comparison."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["count_below", "places_of", "sorted_keys"]

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
    bits, count = np.ascontiguousarray(values, np.float32).view(np.uint32), len(values)
    return _sorted(bits, places, np.empty(count, np.uint64), np.empty(count, np.uint64))


def places_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the places that sorted keys carry."""
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def count_below(
    values: NDArray[np.float32], places: NDArray[np.uint32], below: NDArray[np.int32]
) -> None:
    """Write to each value's place in ``below`` how many values are less; NaN is the greatest.

    >>> below = np.zeros(3, np.int32)
    >>> count_below(np.float32([5, 1, 5]), np.arange(3, dtype=np.uint32), below)
    >>> below.tolist()
    [1, 0, 1]
    """
    _count_below(sorted_keys(values, places), below)


@jit
def _ordered(bits: np.uint32) -> np.uint32:
    """Return a float's bits such that whole numbers compare as the floats do."""
    size = bits & np.uint32(0x7FFFFFFF)
    if size == np.uint32(0):
        return np.uint32(0x80000000)
    if size > np.uint32(0x7F800000):
        return np.uint32(0xFFFFFFFF)
    return bits | np.uint32(0x80000000) if size == bits else ~bits


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
        whole = _ordered(bits[number])
        keys[number] = (np.uint64(whole) << np.uint64(32)) | np.uint64(places[number])
        for digit in range(3):
            counts[digit, (whole >> np.uint32(DIGIT * digit)) & np.uint32(size - 1)] += 1
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
def _count_below(keys: NDArray[np.uint64], below: NDArray[np.int32]) -> None:
    first = 0
    for number in range(len(keys)):
        if keys[number] >> np.uint64(32) != keys[first] >> np.uint64(32):
            first = number
        below[keys[number] & np.uint64(0xFFFFFFFF)] = first

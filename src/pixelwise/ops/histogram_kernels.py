"""Compiled counting of bytes."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["count_bytes"]


@jit
def count_bytes(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return how often each byte stands at each place of the words, flat 8 x 256.

    Eight tables, so that equal neighbours do not wait for each other's count.
    """
    counts = np.zeros(8 * 256, np.uint32)
    byte = np.uint64(255)
    one = np.uint32(1)
    for word in words:
        counts[word & byte] += one
        counts[np.uint64(256) + ((word >> np.uint64(8)) & byte)] += one
        counts[np.uint64(512) + ((word >> np.uint64(16)) & byte)] += one
        counts[np.uint64(768) + ((word >> np.uint64(24)) & byte)] += one
        counts[np.uint64(1024) + ((word >> np.uint64(32)) & byte)] += one
        counts[np.uint64(1280) + ((word >> np.uint64(40)) & byte)] += one
        counts[np.uint64(1536) + ((word >> np.uint64(48)) & byte)] += one
        counts[np.uint64(1792) + (word >> np.uint64(56))] += one
    return counts

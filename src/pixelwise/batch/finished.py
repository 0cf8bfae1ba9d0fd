"""Which items are done, as a set of keys that takes 16 bytes each."""

from hashlib import blake2b

import numpy as np

__all__ = ["Keys", "key_of"]

FRESH = 1 << 16
"""So many new keys are held in a Python set before they join the sorted ones."""


class Keys:
    """A set of keys of 16 bytes: a million takes 16 MB, not the 100 MB of a Python set.

    >>> keys = Keys()
    >>> keys.add(b"0123456789abcdef")
    >>> b"0123456789abcdef" in keys, b"0123456789abcdeg" in keys, len(keys)
    (True, False, 1)
    """

    def __init__(self) -> None:
        self._high = np.empty(0, np.uint64)
        self._low = np.empty(0, np.uint64)
        self._fresh: set[bytes] = set()

    def add(self, key: bytes) -> None:
        """Take one key."""
        if key in self:
            return
        self._fresh.add(key)
        if len(self._fresh) >= FRESH:
            self._merge()

    def __contains__(self, key: bytes) -> bool:
        return key in self._fresh or self._is_sorted_in(key)

    def __len__(self) -> int:
        return len(self._high) + len(self._fresh)

    def _is_sorted_in(self, key: bytes) -> bool:
        if not len(self._high):
            return False
        high, low = np.frombuffer(key, ">u8").astype(np.uint64)
        first = int(np.searchsorted(self._high, high, "left"))
        last = int(np.searchsorted(self._high, high, "right"))
        return bool((self._low[first:last] == low).any())

    def _merge(self) -> None:
        halves = np.frombuffer(b"".join(self._fresh), ">u8").reshape(-1, 2).astype(np.uint64)
        high = np.concatenate([self._high, halves[:, 0]])
        low = np.concatenate([self._low, halves[:, 1]])
        order = np.argsort(high, kind="stable")
        self._high, self._low = high[order], low[order]
        self._fresh.clear()


def key_of(name: str) -> bytes:
    """Return the key of a name.

    >>> len(key_of("a/b.png"))
    16
    """
    return blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()

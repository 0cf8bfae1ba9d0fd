"""Hashes are worked out once per state of a file."""

import hashlib
import os

from pixelwise.cards import hashes
from pixelwise.cards.hashes import sha256_of


def test_hash_when_asked_twice_then_read_once(tmp_path):
    path = tmp_path / "toy"
    path.write_bytes(b"one")

    first = sha256_of(path)
    misses = hashes._hash.cache_info().misses

    assert sha256_of(path) == first == hashlib.sha256(b"one").hexdigest()
    assert hashes._hash.cache_info().misses == misses


def test_hash_when_file_changes_with_size_and_time_kept_then_read_again(tmp_path):
    path = tmp_path / "toy"
    path.write_bytes(b"one")
    state = path.stat()
    sha256_of(path)

    path.write_bytes(b"two")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    assert sha256_of(path) == hashlib.sha256(b"two").hexdigest()

import numpy as np

from pixelwise.batch import finished
from pixelwise.batch.finished import Keys


def test_keys_when_many_then_each_is_found_and_no_other(monkeypatch):
    monkeypatch.setattr(finished, "FRESH", 64)
    random = np.random.default_rng(0)
    known = [random.bytes(16) for _ in range(1000)]
    keys = Keys()
    for key in known + known[:50]:
        keys.add(key)

    assert len(keys) == 1000
    assert all(key in keys for key in known)
    assert not any(random.bytes(16) in keys for _ in range(1000))


def test_keys_when_halves_are_shared_then_told_apart(monkeypatch):
    monkeypatch.setattr(finished, "FRESH", 2)
    keys = Keys()
    for key in (b"a" * 8 + b"b" * 8, b"a" * 8 + b"c" * 8, b"d" * 8 + b"b" * 8):
        keys.add(key)

    assert b"a" * 8 + b"c" * 8 in keys
    assert b"d" * 8 + b"c" * 8 not in keys

import numpy as np
import pytest

from pixelwise.ops import slic as module
from pixelwise.ops.slic import superpixels


@pytest.mark.parametrize("shape", [(30, 44), (1, 20), (20, 1), (1, 1), (2, 3)])
def test_superpixels_when_not_compiled_then_the_same(shape, monkeypatch):
    planes = np.random.default_rng(0).uniform(0, 60, (3, *shape)).astype(np.float32)
    compiled = superpixels(planes, 12, 10.0)
    monkeypatch.setattr(module, "COMPILED", False)
    monkeypatch.setattr(module, "_connected", module._connected.py_func)

    assert np.array_equal(compiled, superpixels(planes, 12, 10.0))


def test_superpixels_when_constant_then_a_grid():
    labels = superpixels(np.zeros((3, 40, 60), np.float32), 6, 10.0)

    assert sorted(np.bincount(labels.ravel())[1:]) == [400] * 6

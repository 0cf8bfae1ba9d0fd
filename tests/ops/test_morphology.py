import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelwise.ops.morphology import drop_small, fill_holes


@given(seed=st.integers(0, 999), deep=st.booleans())
@settings(max_examples=25, deadline=None)
def test_fill_when_compared_then_is_the_one_of_scipy(seed: int, deep: bool):
    size = (6, 7, 8) if deep else (12, 13)
    mask = np.random.default_rng(seed).random(size) < 0.55
    assert np.array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


def test_fill_when_called_then_leaves_its_input():
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    fill_holes(ring)
    assert not ring[1, 1]


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2)])
@pytest.mark.parametrize("value", [False, True])
def test_fill_when_tiny_then_the_same(size: tuple[int, int], value: bool):
    assert (fill_holes(np.full(size, value)) == value).all()


def test_drop_when_parts_differ_then_keeps_the_large():
    mask = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)
    assert drop_small(mask, 3).tolist() == [[True, True, False, False], [True, False, False, False]]
    assert np.array_equal(drop_small(mask, 0), mask)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.sides import Side, foreground_of, is_constant, side_of


@given(level=st.floats(-20, 300), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_side_when_whole_numbers_then_as_in_real_numbers(level: float, seed: int):
    values = np.random.default_rng(seed).integers(0, 256, (5, 6)).astype(np.uint8)
    wide = values.astype(np.float64)
    assert np.array_equal(side_of(values, level, Side.BRIGHTER), wide > level)
    assert np.array_equal(side_of(values, level, Side.DARKER), wide <= level)


def test_side_when_border_then_the_one_that_touches_it_less():
    values = np.zeros((5, 5))
    values[1:4, 1:4] = 9
    assert foreground_of(values, 5, Side.BORDER).sum() == 9
    assert foreground_of(-values, -5, Side.BORDER).sum() == 9


def test_side_when_nan_then_on_none():
    values = np.array([[1, np.nan, 9]])
    for side in Side:
        assert not foreground_of(values, 5, side)[0, 1]


@pytest.mark.parametrize("values", [np.full((2, 2), 3), np.array([np.nan, 2.0, 2.0]), np.zeros(0)])
def test_constant_when_all_the_same_then_true(values: np.ndarray):
    assert is_constant(values)
    assert not foreground_of(values, 0, Side.BRIGHTER).any()


def test_constant_when_two_values_then_false():
    assert not is_constant(np.array([np.nan, 1, 2]))

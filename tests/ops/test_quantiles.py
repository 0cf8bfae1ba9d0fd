"""Quantiles of values in pieces are those of numpy, to the last bit that a float has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixelwise.ops.quantiles import quantiles

SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
KINDS = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "f2", "f4", "f8")


@settings(max_examples=120, deadline=None)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_quantiles_when_in_pieces_then_as_numpy_of_the_whole(data, kind):
    dtype = np.dtype(kind)
    most = min(np.iinfo(dtype).max, 2**53) if dtype.kind in "iu" else 0
    low = max(np.iinfo(dtype).min, -(2**53)) if dtype.kind in "iu" else 0
    numbers = (
        st.integers(low, most)
        if dtype.kind in "iu"
        else st.floats(-1000, 1000, width=8 * dtype.itemsize)
    )
    values = data.draw(arrays.arrays(dtype, st.integers(1, 60), elements=numbers))
    cut = data.draw(st.integers(0, len(values)))
    made = quantiles(lambda: (values[:cut], values[cut:]), SHARES)
    np.testing.assert_allclose(made, np.quantile(values.astype(np.float64), SHARES), rtol=1e-12)


def test_quantiles_when_many_values_share_their_first_bits_then_still_exact():
    values = (1000 + np.random.default_rng(0).random(50_000) / 100).astype(np.float32)
    made = quantiles(lambda: np.array_split(values, 7), SHARES)
    np.testing.assert_allclose(made, np.quantile(values.astype(np.float64), SHARES), rtol=1e-14)


def test_quantiles_when_there_is_nothing_then_no_numbers():
    assert np.isnan(quantiles(lambda: [np.zeros(0, np.float32)], SHARES)).all()
    assert np.isnan(quantiles(list, SHARES)).all()


@pytest.mark.parametrize("value", [-0.5, 0.0, 3.0])
def test_quantiles_when_constant_then_that_value(value):
    assert quantiles(lambda: [np.full(5, value)], SHARES) == [value] * len(SHARES)

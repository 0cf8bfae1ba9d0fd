import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops import histogram_kernels
from pixelwise.ops.histogram import histogram


@given(seed=st.integers(0, 10_000), size=st.integers(1, 70))
@settings(max_examples=25, deadline=None)
def test_kernel_when_counting_then_equals_numpy(seed: int, size: int):
    values = np.random.default_rng(seed).integers(0, 256, 8 * size).astype(np.uint8)
    counts = histogram_kernels.count_bytes(values.view(np.uint64)).reshape(8, 256).sum(axis=0)
    assert np.array_equal(counts, np.bincount(values, minlength=256))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.int64])
def test_histogram_when_whole_numbers_then_exact(dtype: type):
    values = np.random.default_rng(0).integers(3, 120, (7, 11)).astype(dtype)
    found = histogram(values)
    levels, counts = np.unique(values, return_counts=True)
    kept = found.counts > 0
    assert np.array_equal(found.tops[kept], levels)
    assert np.array_equal(found.counts[kept], counts)
    assert np.array_equal(found.centres, found.tops)


@given(seed=st.integers(0, 10_000), dtype=st.sampled_from([np.float32, np.float64]))
@settings(max_examples=25, deadline=None)
def test_histogram_when_float_then_every_value_is_in_one_bin(seed: int, dtype: type):
    values = np.random.default_rng(seed).normal(500, 3, 400).astype(dtype)
    values[::7] = np.nan
    counts, centres, tops = histogram(values, 32)
    assert counts.sum() == np.isfinite(values).sum()
    assert counts[0] > 0
    assert counts[-1] > 0
    assert np.all(np.diff(tops) > 0)
    assert np.all(centres < tops)


def test_histogram_when_wide_integers_then_binned():
    counts, _, tops = histogram(np.array([0, 1, 2**30], np.int32), 16)
    assert counts.sum() == 3
    assert len(tops) == 16


def test_histogram_when_nothing_is_finite_then_one_empty_bin():
    found = histogram(np.full(3, np.nan))
    assert found.counts.tolist() == [0]


def test_histogram_when_constant_then_one_bin():
    assert histogram(np.full((2, 2), 0.3)).tops.tolist() == [0.3]


def test_histogram_when_not_contiguous_then_same():
    values = np.random.default_rng(0).integers(0, 256, (20, 30)).astype(np.uint8)
    assert np.array_equal(
        histogram(values[::2, ::3]).counts, histogram(values[::2, ::3].copy()).counts
    )


def test_joined_when_few_bins_then_keeps_all_counts():
    found = histogram(np.random.default_rng(0).integers(0, 60000, 900).astype(np.uint16))
    joined = found.joined(256)
    assert joined.counts.size <= 256
    assert joined.counts.sum() == 900
    assert joined.tops[-1] == found.tops[-1]

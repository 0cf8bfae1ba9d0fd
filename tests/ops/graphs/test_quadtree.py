import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.graphs import quadtree as module
from pixelwise.ops.graphs.quadtree import quadtree


def _plain(values, tolerance, min_side):
    labels = np.zeros(values.shape[:-1], np.int64)
    count = 0

    def split(block):
        nonlocal count
        part = values[block].astype(np.float64)
        flat = part.reshape(-1, part.shape[-1])
        sides = [one.stop - one.start for one in block]
        if flat.var(axis=0).sum() <= tolerance**2 or max(sides) <= min_side:
            count += 1
            labels[block] = count
            return
        halves = []
        for one, side in zip(block, sides, strict=True):
            middle = (one.start + one.stop) // 2
            whole = (
                [one] if side <= min_side else [slice(one.start, middle), slice(middle, one.stop)]
            )
            halves.append(whole)
        for index in np.ndindex(*[len(half) for half in halves]):
            split(tuple(half[k] for half, k in zip(halves, index, strict=True)))

    split(tuple(slice(0, side) for side in labels.shape))
    return labels


def _same(first, second):
    pairs = np.unique(np.stack([first.reshape(-1), second.reshape(-1)]), axis=1).shape[1]
    return pairs == len(np.unique(first)) == len(np.unique(second))


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("axes", [2, 3])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), min_side=st.integers(1, 3))
def test_quadtree_when_compared_with_plain_recursion_then_leaves_are_identical(
    seed, min_side, axes, compiled
):
    generator = np.random.default_rng(seed)
    shape = (*generator.integers(1, 14, axes), 2)
    values = generator.integers(0, 256, shape).astype(np.uint8)
    values[tuple(slice(0, side // 2) for side in shape[:-1])] = 7
    tolerance = float(generator.uniform(5, 120))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMPILED", compiled and module.COMPILED)
        leaves = quadtree(values, tolerance, min_side)
    assert _same(leaves, _plain(values, tolerance, min_side))


def test_quadtree_when_numba_is_absent_then_numbers_are_equal(monkeypatch):
    values = np.random.default_rng(0).integers(0, 256, (37, 50, 3)).astype(np.uint8)
    compiled = quadtree(values, 80.0, 1)
    monkeypatch.setattr(module, "COMPILED", False)
    np.testing.assert_array_equal(quadtree(values, 80.0, 1), compiled)


def test_quadtree_when_the_picture_is_constant_then_there_is_one_leaf():
    assert (quadtree(np.full((5, 7, 1), 3.0), 0.0) == 1).all()


def test_quadtree_when_values_are_large_then_variance_stays_exact():
    values = np.full((64, 64, 1), 1e6, np.float64)
    values[0, 0] += 0.5
    assert quadtree(values, 0.005).max() > 1


def test_quadtree_when_five_channels_come_then_all_count():
    values = np.zeros((4, 4, 5))
    values[:, 2:, 4] = 9
    assert quadtree(values, 1.0).max() == 4

"""The fast answers against the slow, plain meaning: grow everything, then decide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops import grow
from pixelwise.ops.axes import centres, corners
from pixelwise.ops.compiled import COMPILED, Kernels

ROADS = ["fallback", "compiled"] if COMPILED else ["fallback"]


@pytest.fixture(params=ROADS)
def road(request, monkeypatch):
    kernels = Kernels("pixelwise.ops.grow_kernels")
    if request.param == "compiled":
        kernels.warm()
    else:
        monkeypatch.setattr(kernels, "ready", lambda: None)
    monkeypatch.setattr(grow, "KERNELS", kernels)
    return request.param


def plane(places_y, places_x, values):
    """Return the bilinear plane in float32, worked out sample by sample: the meaning itself."""
    made = np.empty((len(places_y), len(places_x)), np.float32)
    for y in range(len(places_y)):
        for x in range(len(places_x)):
            row, column = places_y.start[y], places_x.start[x]
            down, along = places_y.weight[y], places_x.weight[x]
            upper, lower = values[row], values[row + 1]
            left = upper[column] + (lower[column] - upper[column]) * down
            right = upper[column + 1] + (lower[column + 1] - upper[column + 1]) * down
            made[y, x] = left + (right - left) * along
    return made


def blobs(generator, shape):
    """Return a field with even areas and edges, as scores have, and some exact ties."""
    coarse = generator.integers(-3, 4, shape).astype(np.float32)
    fine = generator.normal(size=shape).astype(np.float32)
    return np.where(generator.random(shape) < 0.6, coarse, fine).astype(np.float32)


CASES = [((2, 2), (1, 1)), ((5, 7), (33, 20)), ((9, 4), (9, 4)), ((12, 11), (5, 6))]


@pytest.mark.parametrize("geometry", [corners, centres])
@pytest.mark.parametrize(("small", "large"), CASES)
def test_threshold_when_grown_then_equals_growing_everything(road, geometry, small, large):
    scores = blobs(np.random.default_rng(3), small)
    rows, columns = geometry(small[0], large[0]), geometry(small[1], large[1])
    expected = plane(rows, columns, scores) > 0.25
    assert np.array_equal(grow.threshold(scores, 0.25, rows, columns), expected)


@pytest.mark.parametrize("geometry", [corners, centres])
@pytest.mark.parametrize(("small", "large"), CASES)
def test_winner_when_grown_then_equals_growing_everything(road, geometry, small, large):
    scores = blobs(np.random.default_rng(4), (*small, 6))
    rows, columns = geometry(small[0], large[0]), geometry(small[1], large[1])
    ids = np.array([7, 3, 255, 0, 9, 4], np.int32)
    planes = np.stack([plane(rows, columns, scores[..., c]) for c in range(6)])
    expected = ids[planes.argmax(axis=0)]
    assert np.array_equal(grow.winner(scores, ids, rows, columns), expected)


@given(seed=st.integers(0, 10**6), sides=st.tuples(*[st.integers(2, 9)] * 2))
@settings(max_examples=25, deadline=None)
@pytest.mark.skipif(not COMPILED, reason="needs numba")
def test_compiled_when_anything_comes_then_equals_the_fallback(seed, sides):
    generator = np.random.default_rng(seed)
    scores = blobs(generator, (*sides, 4))
    rows, columns = corners(sides[0], 31), centres(sides[1], 17)
    ids = np.arange(4, dtype=np.int32)
    grow.KERNELS.warm()
    fast = grow.winner(scores, ids, rows, columns)
    assert np.array_equal(fast, grow._winner(scores, ids, rows, columns))
    mask = grow.threshold(np.ascontiguousarray(scores[..., 0]), 0, rows, columns)
    assert np.array_equal(mask, grow._threshold(scores[..., 0], np.float32(0), rows, columns))


def test_bilinear_when_grown_then_equals_the_meaning():
    scores = blobs(np.random.default_rng(5), (6, 5))
    rows, columns = corners(6, 20), centres(5, 13)
    assert np.array_equal(grow.bilinear(scores, rows, columns), plane(rows, columns, scores))


def test_threshold_when_scores_equal_the_level_then_nothing_is_above(road):
    scores = np.full((4, 4), 0.5, np.float32)
    assert not grow.threshold(scores, 0.5, corners(4, 50), corners(4, 50)).any()


def test_winner_when_channels_tie_everywhere_then_the_first(road):
    scores = np.full((3, 3, 4), 0.3, np.float32)
    ids = np.array([5, 6, 7, 8], np.int32)
    assert (grow.winner(scores, ids, corners(3, 10), corners(3, 10)) == 5).all()


def test_winner_when_a_third_channel_wins_only_inside_a_cell_then_it_is_found(road):
    scores = np.array([[[1, 0, 0.6], [0, 1, 0.6]], [[1, 0, 0.6], [0, 1, 0.6]]], np.float32)
    ids = np.array([0, 1, 2], np.int32)
    labels = grow.winner(scores, ids, corners(2, 3), corners(2, 11))
    assert labels[1].tolist() == [0, 0, 0, 0, 0, 2, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_growing_when_a_side_is_one_sample_then_it_is_held(road, shape):
    scores = np.ones(shape, np.float32)
    rows, columns = corners(shape[0], 8), centres(shape[1], 9)
    assert grow.threshold(scores, 0.5, rows, columns).all()
    assert (grow.bilinear(scores, rows, columns) == 1).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_finite_when_one_value_is_not_then_false(road, bad):
    values = np.zeros(1000, np.float32)
    assert grow.finite(values)
    values[999] = bad
    assert not grow.finite(values)
    assert not grow.finite(np.stack([values, values])[:, ::-1])


@pytest.mark.skipif(not COMPILED, reason="needs numba")
def test_kernels_when_numba_is_not_loaded_then_the_fallback_works_until_patience_ends(monkeypatch):
    monkeypatch.setattr("pixelwise.ops.compiled.modules", {})
    monkeypatch.setattr("pixelwise.ops.compiled.PATIENCE", 2)
    kernels = Kernels("json")
    assert [kernels.ready() is None for _ in range(3)] == [True, True, False]


def test_kernels_when_warmed_then_ready_where_they_can_be_compiled():
    kernels = Kernels("json")
    kernels.warm()
    assert (kernels.ready() is not None) == COMPILED

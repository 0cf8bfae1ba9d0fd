from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.tiles import blended, ramp, starts


@given(
    length=st.integers(1, 200),
    tile=st.integers(1, 50),
    overlap=st.floats(0, 0.9),
)
@settings(max_examples=100, deadline=None)
def test_starts_when_any_length_then_all_is_covered_and_neighbours_share(length, tile, overlap):
    places = starts(length, tile, overlap)
    side = min(tile, length)

    assert places[0] == 0
    assert places[-1] + side == length
    for first, second in pairwise(places):
        assert 0 < second - first <= max(1, tile * (1 - overlap)) + 1


def test_ramp_when_no_overlap_then_full_everywhere_but_at_the_very_end():
    assert ramp(4, 0).tolist() == [0.5, 1.0, 1.0, 0.5]


@given(
    size=st.tuples(st.integers(1, 23), st.integers(1, 23)),
    tile=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    overlap=st.sampled_from([0.0, 0.25, 0.5, 0.7]),
)
@settings(max_examples=60, deadline=None)
def test_blended_when_tiles_agree_then_the_whole_comes_back(size, tile, overlap):
    whole = np.random.default_rng(0).random((2, *size)).astype(np.float32)
    tile = (min(tile[0], size[0]), min(tile[1], size[1]))

    def cut(y, x):
        return whole[:, y : y + tile[0], x : x + tile[1]]

    made, seen = np.zeros_like(whole), np.zeros(size, int)
    for y, x, part in blended(size, tile, overlap, cut):
        made[:, y : y + part.shape[1], x : x + part.shape[2]] = part
        seen[y : y + part.shape[1], x : x + part.shape[2]] += 1

    assert (seen == 1).all()
    assert np.abs(made - whole).max() < 1e-5


def test_blended_when_tiles_differ_then_the_seam_fades_from_one_to_the_other():
    parts = blended((1, 6), (1, 4), 0.5, lambda _, x: np.full((1, 1, 4), x, np.float32))
    row = np.concatenate([part for _, _, part in parts], axis=2).ravel()

    assert row[:2].tolist() == [0, 0]
    assert row[4:].tolist() == [2, 2]
    assert 0 < row[2] < row[3] < 2

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.axes import centres, corners, nearest

SIDES = st.integers(1, 40)


@given(length=SIDES, pixels=SIDES)
@settings(max_examples=50)
def test_corners_when_read_back_then_ends_lie_on_ends(length, pixels):
    axis = corners(length, pixels)
    places = axis.start + axis.weight
    assert places[0] == 0
    assert np.isclose(places[-1], (length - 1) if pixels > 1 else 0, atol=1e-5)
    assert (np.diff(places) >= 0).all()


@given(length=SIDES, pixels=SIDES)
@settings(max_examples=50)
def test_centres_when_read_back_then_symmetric_and_inside(length, pixels):
    places = centres(length, pixels).start + centres(length, pixels).weight
    assert np.allclose(places + places[::-1], length - 1, atol=1e-4)
    assert places.min() >= 0
    assert places.max() <= length - 1 + 1e-6


@given(length=st.integers(2, 40), pixels=SIDES)
@settings(max_examples=50)
def test_axes_when_made_then_both_samples_exist(length, pixels):
    for axis in (corners(length, pixels), centres(length, pixels)):
        assert axis.start.min() >= 0
        assert axis.start.max() + 1 < axis.length
        assert ((axis.weight >= 0) & (axis.weight <= 1)).all()


def test_centres_when_only_a_part_is_wanted_then_nothing_outside_it_is_touched():
    axis = centres(10, 7, 2.0, 6.0)
    places = axis.start + axis.weight
    assert places.min() >= 2
    assert places.max() <= 5


def test_nearest_when_shrunk_or_grown_then_the_sample_under_the_centre():
    assert nearest(4, 2).tolist() == [1, 3]
    assert nearest(2, 4).tolist() == [0, 0, 1, 1]
    assert nearest(4, 4, 0.0, 2.0).tolist() == [0, 0, 1, 1]

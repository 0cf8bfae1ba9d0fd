"""Polygons against pycocotools and against their own masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from pixelwise.core import Rle
from pixelwise.errors import InputError
from pixelwise.ops.components import components
from pixelwise.ops.polygons import bridged, fill, outlines


def whole(rings, size):
    (top, left), mask = fill(rings, size)
    full = np.zeros(size, bool)
    full[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return full


def by_coco(ring, size):
    (made,) = coco.frPyObjects([ring.reshape(-1).tolist()], *size)
    return Rle.parse(size, made["counts"]).decode()


coordinates = st.one_of(
    st.floats(-20, 40, width=32),
    st.integers(-5, 35).map(float),
    st.integers(-20, 160).map(lambda number: number / 5),
    st.integers(-40, 320).map(lambda number: number / 10),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_fill_when_any_polygon_then_as_pycocotools(points, size):
    ring = np.array(points, np.float64)
    np.testing.assert_array_equal(whole([ring], size), by_coco(ring, size))


@pytest.mark.fuzz
@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)), min_size=3, max_size=40),
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
)
def test_fill_when_far_and_long_then_as_pycocotools(points, size):
    ring = np.array(points, np.float64)
    np.testing.assert_array_equal(whole([ring], size), by_coco(ring, size))


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.bool_, st.tuples(st.integers(1, 16), st.integers(1, 16)), elements=st.booleans())
)
def test_outlines_when_filled_then_the_mask(mask):
    pieces = outlines(mask)
    rings = [ring for piece in pieces for ring in piece]
    np.testing.assert_array_equal(whole(rings, mask.shape), mask)
    assert len(pieces) == components(mask, diagonal=False)[1]
    together = np.zeros_like(mask)
    for piece in pieces:
        together |= whole(piece, mask.shape)
        joined = bridged(piece)
        np.testing.assert_array_equal(whole(piece, mask.shape), by_coco(joined, mask.shape))
    np.testing.assert_array_equal(together, mask)
    if rings:
        np.testing.assert_array_equal(by_coco(bridged(rings), mask.shape), mask)


def test_outlines_when_ring_shaped_then_hole_belongs_to_its_piece():
    mask = np.ones((7, 12), bool)
    mask[:, 5] = False
    mask[2:4, 8:10] = False
    first, second = outlines(mask)
    assert [len(first), len(second)] == [1, 2]
    assert second[1].min(axis=0).tolist() == [8, 2]


def test_fill_when_point_is_nan_or_far_then_refused():
    for value in (np.nan, np.inf, 1e30):
        with pytest.raises(InputError, match="polygon"):
            fill([np.array([[0, 0], [1, 0], [1, value]])], (4, 4))


def test_fill_when_polygon_is_far_larger_than_picture_then_small_memory():
    ring = np.array([[-1e8, -1e8], [1e8, -1e8], [1e8, 1e8], [-1e8, 1e8]])
    assert whole([ring], (3, 4)).all()

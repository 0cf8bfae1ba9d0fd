import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.segmentation import watershed as rival

from pixelwise.ops.graphs import watershed as module
from pixelwise.ops.graphs.watershed import watershed


def _markers(generator, shape, count=4):
    markers = np.zeros(shape, np.int32)
    places = generator.choice(markers.size, count, replace=False)
    markers.reshape(-1)[places] = np.arange(1, count + 1)
    return markers


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("shape", [(9, 11), (4, 5, 6)])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_watershed_when_levels_differ_then_labels_are_those_of_skimage(seed, shape, diagonal):
    generator = np.random.default_rng(seed)
    relief = generator.permutation(np.prod(shape)).reshape(shape).astype(np.float32)
    markers = _markers(generator, shape)
    mask = generator.random(shape) < 0.9
    markers[~mask] = 0
    expected = rival(relief, markers, mask=mask, connectivity=len(shape) if diagonal else 1)
    np.testing.assert_array_equal(
        watershed(relief, markers, mask=mask, diagonal=diagonal), expected
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_watershed_when_markers_alone_differ_in_height_then_labels_are_those_of_skimage(
    seed, dtype
):
    generator = np.random.default_rng(seed)
    relief = generator.integers(0, 5, (12, 14)).astype(dtype)
    places = [np.argwhere(relief == level)[0] for level in np.unique(relief)]
    markers = np.zeros(relief.shape, np.int32)
    markers[tuple(np.transpose(places))] = np.arange(1, len(places) + 1)
    np.testing.assert_array_equal(watershed(relief, markers), rival(relief, markers))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float64])
def test_watershed_when_plateaus_are_flooded_then_they_part_in_the_middle(dtype):
    relief = np.array([[0, 4, 4, 4, 4, 1]], dtype)
    markers = np.array([[1, 0, 0, 0, 0, 2]], np.int32)
    assert watershed(relief, markers).tolist() == [[1, 1, 1, 2, 2, 2]]


def test_watershed_when_numba_is_absent_then_labels_are_the_same(monkeypatch):
    generator = np.random.default_rng(1)
    relief = generator.permutation(600).reshape(20, 30).astype(np.float32)
    markers = _markers(generator, (20, 30))
    compiled = watershed(relief, markers)
    monkeypatch.setattr(module, "COMPILED", False)
    np.testing.assert_array_equal(watershed(relief, markers), compiled)


def test_watershed_when_there_is_no_marker_then_nothing_is_labelled():
    assert not watershed(np.zeros((3, 3)), np.zeros((3, 3), np.int32)).any()


def test_watershed_when_relief_is_nan_then_it_floods_last():
    relief = np.array([[0.0, np.nan, 1.0, 0.5]])
    markers = np.array([[1, 0, 0, 2]], np.int32)
    assert watershed(relief, markers)[0, 2] == 2


def test_watershed_when_minus_zero_meets_zero_then_they_are_one_level():
    relief = np.array([[0.0, -0.0, 0.0, -0.0, 0.0]], np.float32)
    markers = np.array([[1, 0, 0, 0, 2]], np.int32)
    assert watershed(relief, markers).tolist() == [[1, 1, 1, 2, 2]]

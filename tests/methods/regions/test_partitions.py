"""The methods that divide the whole picture: split-and-merge, felzenszwalb, rag-merge."""

import numpy as np
import pytest
from skimage.segmentation import felzenszwalb as rival

from pixelwise.core import Image
from pixelwise.methods.regions.felzenszwalb import Felzenszwalb
from pixelwise.methods.regions.rag_merge import RagMerge
from pixelwise.methods.regions.split_and_merge import SplitAndMerge

METHODS = [SplitAndMerge(), Felzenszwalb(min_size=100, tolerance=10.0), RagMerge()]


def _flag(size=(60, 90)):
    picture = np.zeros((*size, 3), np.uint8)
    picture[:, :30], picture[:, 30:60], picture[:, 60:] = (
        (200, 30, 30),
        (240, 240, 240),
        (30, 60, 190),
    )
    noise = np.random.default_rng(0).integers(-8, 9, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
def test_partition_when_three_stripes_are_noisy_then_three_regions_follow_them(method):
    result = method(Image(_flag()))
    assert result.count == 3
    assert result.labels.min() == 1
    for start in (0, 30, 60):
        stripe = result.labels[:, start + 2 : start + 28]
        assert len(np.unique(stripe)) == 1


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_partition_when_the_dtype_changes_then_regions_are_nearly_the_same(method, dtype):
    top = {np.uint8: 255, np.uint16: 65535, np.float32: 1.0}[dtype]
    picture = (_flag().astype(np.float64) / 255 * top).astype(dtype)
    assert method(Image(picture)).count == 3


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2, 3)])
def test_partition_when_the_picture_is_tiny_and_constant_then_there_is_one_region(method, shape):
    result = method(Image(np.full(shape, 77, np.uint8)))
    assert (result.labels == 1).all()


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
def test_partition_when_values_are_nan_then_it_still_answers(method):
    picture = np.full((20, 20), 0.5, np.float32)
    picture[5:9, 5:9] = np.nan
    assert method(Image(picture)).labels.min() == 1


@pytest.mark.parametrize("method", [SplitAndMerge(min_size=300), RagMerge(min_size=300)])
def test_partition_when_a_volume_is_given_then_its_halves_are_parted(method):
    volume = np.full((12, 12, 12), 40, np.uint8)
    volume[6:] = 200
    labels = method(Image.volume(volume)).labels
    assert labels.max() == 2
    assert labels[0, 0, 0] != labels[11, 0, 0]


def test_felzenszwalb_when_nothing_is_merged_then_it_is_that_of_skimage():
    picture = _flag()
    labels = Felzenszwalb(scale=150, min_size=30, tolerance=0)(Image(picture)).labels
    expected = rival(picture, scale=150, sigma=0.8, min_size=30)
    pairs = np.unique(np.stack([labels.reshape(-1), expected.reshape(-1)]), axis=1)
    assert pairs.shape[1] == labels.max() == expected.max() + 1


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
def test_partition_when_run_twice_then_it_is_the_same_and_input_is_untouched(method):
    picture = _flag((40, 70))
    before = picture.copy()
    first, second = method(Image(picture)), method(Image(picture))
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(picture, before)

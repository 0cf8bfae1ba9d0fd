import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.methods.clusters.mean_shift import MeanShift
from pixelwise.methods.clusters.quickshift import QuickShift


def islands() -> np.ndarray:
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:] = (20, 40, 180)
    pixels[10:50, 10:35] = (200, 40, 40)
    pixels[10:50, 55:80] = (40, 170, 40)
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def test_mean_shift_when_two_islands_then_three_regions():
    labels = MeanShift()(Image(islands())).labels

    assert labels.max() == 3
    assert (labels[12:48, 12:33] == labels[30, 20]).all()
    assert (labels[12:48, 57:78] == labels[30, 70]).all()
    assert len({labels[0, 0], labels[30, 20], labels[30, 70]}) == 3


def test_mean_shift_when_the_least_size_is_above_half_the_picture_then_one():
    assert MeanShift(min_size=3000, tolerance=0)(Image(islands())).count == 1


def test_mean_shift_when_the_tolerance_is_wide_then_all_is_one():
    assert MeanShift(tolerance=200)(Image(islands())).count == 1


def test_quickshift_when_islands_differ_then_no_tree_crosses_their_border():
    labels = QuickShift()(Image(islands())).labels
    inside = set(np.unique(labels[12:48, 12:33]))

    assert not inside & set(np.unique(labels[:, :8]))
    assert not inside & set(np.unique(labels[:, 40:]))


@pytest.mark.parametrize("method", [MeanShift(), QuickShift()])
def test_shift_when_called_twice_then_the_same(method):
    image = Image(islands())

    assert np.array_equal(method(image).labels, method(image).labels)

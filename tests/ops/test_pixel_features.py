import numpy as np

from pixelwise.ops.colour import lab
from pixelwise.ops.pixel_features import pixel_features, smooth_colours


def test_features_when_place_is_asked_for_then_the_longer_side_spans_it():
    features = pixel_features(np.zeros((11, 101, 3), np.float32), position=50)

    assert features.shape == (11, 101, 5)
    assert np.isclose(features[0, 100, 4], 50 * 100 / 101)
    assert np.isclose(features[10, 0, 3], 50 * 10 / 101)


def test_features_when_brightness_is_even_then_its_spread_is_nothing():
    features = pixel_features(np.full((9, 9, 3), 40, np.float32), texture=2)

    assert np.abs(features[..., 3:]).max() < 0.1


def test_features_when_of_a_volume_then_three_places_and_two_spreads():
    stripes = np.zeros((6, 20, 20, 1), np.float32)
    stripes[:, :, ::2] = 100
    features = pixel_features(stripes, position=50, texture=1)

    assert features.shape == (6, 20, 20, 6)
    assert np.allclose(features[5, 10, 0, 1:4], np.array([5, 10, 0]) * 50 / 20)
    assert features[3, 10, 10, 4] > 40


def test_colours_when_not_smoothed_then_cielab_or_the_level_of_a_volume():
    picture = np.random.default_rng(0).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    volume = np.array([0, 51, 255], np.uint8).reshape(1, 1, 3, 1)

    assert np.array_equal(smooth_colours(picture, 0), lab(picture))
    assert np.allclose(smooth_colours(volume, 0).ravel(), [0, 20, 100])


def test_colours_when_even_then_smoothing_changes_nothing():
    for size in ((9, 9, 3), (7, 9, 9, 1)):
        even = np.full(size, 70, np.uint8)
        assert np.allclose(smooth_colours(even, 2), smooth_colours(even, 0), atol=1e-3)

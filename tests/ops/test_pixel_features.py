import numpy as np

from pixelwise.ops.pixel_features import pixel_features, smoothed


def test_features_when_place_is_asked_for_then_the_longer_side_spans_it():
    features = pixel_features(np.zeros((11, 101, 3), np.float32), position=50)

    assert features.shape == (11, 101, 5)
    assert np.isclose(features[0, 100, 4], 50 * 100 / 101)
    assert np.isclose(features[10, 0, 3], 50 * 10 / 101)


def test_features_when_brightness_is_even_then_its_spread_is_nothing():
    features = pixel_features(np.full((9, 9, 3), 40, np.float32), texture=2)

    assert np.abs(features[..., 3:]).max() < 0.1


def test_smoothing_when_nothing_then_the_same_array():
    colours = np.ones((4, 4, 3), np.float32)

    assert smoothed(colours, 0) is colours
    assert np.allclose(smoothed(colours, 2), 1)

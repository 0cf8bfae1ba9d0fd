import numpy as np
import pytest
from skimage import data, filters

from pixelwise.core import Image
from pixelwise.errors import InvalidSetting
from pixelwise.methods.threshold.hysteresis import Hysteresis, touching
from pixelwise.ops.sides import Side


def test_mask_when_compared_then_is_the_one_of_scikit_image():
    from scipy.ndimage import label

    coins = data.coins()
    ours = Hysteresis(low=100, high=180)(Image(coins)).mask
    parts, _ = label(coins > 100, np.ones((3, 3)))  # scikit-image joins no corners
    kept = np.unique(parts[coins > 180])
    assert np.array_equal(ours, np.isin(parts, kept[kept > 0]))
    four = filters.apply_hysteresis_threshold(coins, 100, 180)
    assert not (four & ~ours).any()


def test_mask_when_weak_touches_nothing_sure_then_dropped():
    pixels = np.array([[90, 90, 0, 90, 200, 0]], np.uint8)
    found = Hysteresis(low=50, high=150)(Image(pixels)).mask
    assert found.tolist() == [[False, False, False, True, True, False]]


def test_mask_when_darker_then_mirrored():
    pixels = np.array([[90, 90, 0, 90, 200, 0]], np.uint8)
    ours = Hysteresis(low=50, high=150, side=Side.DARKER)(Image(255 - pixels)).mask
    mirrored = Hysteresis(low=255 - 151, high=255 - 51)(Image(pixels)).mask
    assert np.array_equal(ours, mirrored)


def test_levels_when_not_given_then_found_and_told():
    pixels = np.repeat(np.array([[10, 100, 200]], np.uint8), 5, axis=0)
    result = Hysteresis()(Image(pixels))
    assert result.mask[0].tolist() == [False, True, True]
    assert result.provenance.notes == ("levels 10 100",)


def test_levels_when_16_bit_then_count_0_to_255():
    pixels = np.array([[90, 90, 0, 90, 200, 0]], np.uint16) * 257
    assert Hysteresis(low=50, high=150)(Image(pixels)).area == 2


def test_levels_when_the_wrong_way_round_then_refused():
    with pytest.raises(InvalidSetting, match="low"):
        Hysteresis(low=9, high=3)


def test_mask_when_volume_then_joined_through_slices():
    volume = np.zeros((3, 4, 4), np.uint8)
    volume[0, 1, 1], volume[1, 2, 2], volume[2, 2, 3] = 90, 90, 200
    volume[0, 3, 0] = 90
    assert Hysteresis(low=50, high=150)(Image.volume(volume)).area == 3


def test_touching_when_nothing_is_sure_then_empty():
    assert not touching(np.ones((2, 2), bool), np.zeros((2, 2), bool)).any()

from itertools import combinations

import numpy as np
import pytest
from skimage import data, filters

from pixelwise.core import Image
from pixelwise.methods.threshold.multi_otsu import MultiOtsu, multi_otsu_levels
from pixelwise.ops.otsu import otsu_level


def within(values: np.ndarray, levels: tuple[float, ...]) -> float:
    """The sum of squared differences to the class means: what the levels must make least."""
    classes = np.digitize(values, np.array(levels), right=True)
    return sum(values[classes == k].size * values[classes == k].var() for k in np.unique(classes))


@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("picture", [data.camera, data.coins, data.page])
def test_levels_when_8_bit_then_are_those_of_scikit_image(picture, classes: int):
    pixels = picture()
    assert (
        multi_otsu_levels(pixels, classes) == filters.threshold_multiotsu(pixels, classes).tolist()
    )


def test_levels_when_many_classes_then_are_the_best_of_all():
    values = np.random.default_rng(1).integers(0, 12, 300).astype(np.uint8)
    found = multi_otsu_levels(values, 5)
    best = min(combinations(range(12), 4), key=lambda levels: within(values, levels))
    assert within(values, tuple(found)) == pytest.approx(within(values, best))


def test_levels_when_two_classes_then_is_otsu():
    assert multi_otsu_levels(data.moon(), 2) == [otsu_level(data.moon())]


def test_levels_when_16_bit_noise_then_split_well():
    generator = np.random.default_rng(0)
    values = np.concatenate([generator.normal(mean, 900, 4000) for mean in (8000, 30000, 52000)])
    low, high = multi_otsu_levels(values.astype(np.uint16), 3)
    assert abs((values <= low).sum() - 4000) < 20
    assert abs((values > high).sum() - 4000) < 20


def test_regions_when_levels_are_fewer_than_classes_then_one_for_each():
    result = MultiOtsu(classes=5)(Image(np.array([[3, 3, 200]], np.uint8)))
    assert result.labels.tolist() == [[1, 1, 2]]


def test_regions_when_constant_then_one():
    assert np.unique(MultiOtsu()(Image(np.full((3, 4), 7, np.uint8))).labels).tolist() == [1]


def test_regions_when_nan_then_void():
    pixels = np.float32([[0.1, 0.5, 0.9, np.nan]])
    assert MultiOtsu(classes=3)(Image(pixels)).labels.tolist() == [[1, 2, 3, 0]]


def test_regions_when_16_bit_then_same_as_8_bit():
    pixels = data.coins()[:100, :100]
    eight = MultiOtsu(classes=4)(Image(pixels)).labels
    assert np.array_equal(MultiOtsu(classes=4)(Image(pixels.astype(np.uint16) * 257)).labels, eight)


def test_regions_when_volume_then_same_levels_in_all_slices():
    slices = np.stack([data.coins()[:50, :50], data.coins()[50:100, :50]])
    flat = MultiOtsu()(Image(slices.reshape(100, 50))).labels
    assert np.array_equal(MultiOtsu()(Image.volume(slices)).labels, flat.reshape(slices.shape))

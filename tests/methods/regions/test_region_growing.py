import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.segmentation import flood

from pixelwise.core import Foreground, Image, Prompts, Regions
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.methods.regions.region_growing import Homogeneity, RegionGrowing, grow

GREY = Homogeneity.GREY


@pytest.mark.parametrize("diagonal", [True, False])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_region_growing_when_compared_with_flood_then_masks_are_identical(seed, diagonal):
    generator = np.random.default_rng(seed)
    picture = generator.integers(0, 4, (13, 17)).astype(np.uint8) * 10
    y, x = int(generator.integers(13)), int(generator.integers(17))
    grown = RegionGrowing(seeds=f"{x},{y}", tolerance=10, homogeneity=GREY, diagonal=diagonal)
    expected = flood(picture, (y, x), tolerance=10, connectivity=2 if diagonal else 1)
    np.testing.assert_array_equal(grown(Image(picture)).mask, expected)


def test_region_growing_when_a_volume_is_given_then_it_grows_through_slices():
    volume = np.zeros((5, 5, 5), np.uint8)
    volume[1:4, 2, 2] = 200
    grown = RegionGrowing(seeds="2,2,1", tolerance=10, homogeneity=GREY)(Image.volume(volume))
    np.testing.assert_array_equal(grown.mask, volume == 200)


def test_region_growing_when_volume_parts_touch_by_corners_then_26_neighbours_join_them():
    volume = np.zeros((3, 3, 3), np.uint8)
    volume[0, 0, 0] = volume[1, 1, 1] = 200
    areas = [
        RegionGrowing(seeds="0,0,0", tolerance=9, homogeneity=GREY, diagonal=diagonal)(
            Image.volume(volume)
        ).area
        for diagonal in (False, True)
    ]
    assert areas == [1, 2]


def test_region_growing_when_seeds_have_labels_then_regions_bear_them():
    picture = np.array([[0, 0, 100, 200, 200]], np.uint8)
    prompts = Prompts(points=[(0, 0), (4, 0)], labels=[2, 5])
    result = RegionGrowing(prompts=prompts, tolerance=20, homogeneity=GREY)(Image(picture))
    assert isinstance(result, Regions)
    assert result.labels.tolist() == [[2, 2, 0, 5, 5]]


def test_region_growing_when_a_box_or_mask_is_the_seed_then_its_mean_counts():
    picture = np.array([[10, 14, 18, 90]], np.uint8)
    mask = np.array([[[True, True, True, False]]])
    for prompts in (Prompts(boxes=[(0, 0, 3, 1)]), Prompts(masks=mask)):
        result = RegionGrowing(prompts=prompts, tolerance=4, homogeneity=GREY)(Image(picture))
        assert isinstance(result, Foreground)
        assert result.mask.tolist() == [[True, True, True, False]]


def test_region_growing_when_background_is_seeded_then_it_is_taken_away():
    picture = np.array([[50, 50, 54, 60, 60]], np.uint8)
    prompts = Prompts(points=[(0, 0), (4, 0)], labels=[1, 0])
    result = RegionGrowing(prompts=prompts, tolerance=20, homogeneity=GREY)(Image(picture))
    assert result.mask.tolist() == [[True, True, True, False, False]]


def test_region_growing_when_adaptive_then_the_spread_of_the_region_decides():
    generator = np.random.default_rng(0)
    picture = generator.normal(60, 8, (40, 40))
    picture[:, 20:] += 100
    image = Image(np.clip(picture, 0, 255).astype(np.uint8))
    grown = RegionGrowing(seeds="8,20", deviations=3.0, homogeneity=GREY)(image).mask
    assert grown[:, :20].mean() > 0.95
    assert not grown[:, 20:].any()


def test_region_growing_when_texture_counts_then_a_noisy_half_is_apart():
    generator = np.random.default_rng(0)
    picture = np.full((40, 60), 120.0)
    picture[:, 30:] += generator.choice([-60, 60], (40, 30))
    image = Image(picture.astype(np.uint8))
    method = RegionGrowing(seeds="5,20", tolerance=25, homogeneity=Homogeneity.TEXTURE)
    grown = method(image).mask
    assert grown[:, :25].all()
    assert not grown[:, 36:].any()


def test_region_growing_when_colours_differ_at_equal_grey_then_colour_keeps_them_apart():
    picture = np.zeros((4, 8, 3), np.uint8)
    picture[:, :4] = (120, 0, 0)
    picture[:, 4:] = (0, 61, 0)
    assert RegionGrowing(seeds="0,0", tolerance=15)(Image(picture)).area == 16


def test_region_growing_when_pixels_are_nan_then_they_stay_out():
    picture = np.array([[0.5, 0.5, np.nan, 0.5]], np.float32)
    assert RegionGrowing(seeds="0,0", tolerance=300)(Image(picture)).area == 2


@pytest.mark.parametrize("text", ["", "1", "a,b", "1,2,3", "1,1=-4"])
def test_region_growing_when_seeds_cannot_be_read_then_it_says_so(text):
    with pytest.raises(InvalidSetting, match="seeds"):
        RegionGrowing(seeds=text)(Image(np.zeros((4, 4), np.uint8)))


def test_region_growing_when_a_seed_lies_outside_then_it_says_so():
    with pytest.raises(InputError, match="outside"):
        RegionGrowing(seeds="9,9")(Image(np.zeros((4, 4), np.uint8)))


def test_grow_when_seeds_are_many_then_labels_are_as_with_one_by_one():
    alike = np.random.default_rng(0).random((30, 30)) < 0.6
    seeds = np.zeros((30, 30), bool)
    seeds[:10, :10] = True
    places = np.argwhere(seeds)
    one_by_one = np.any([grow(alike, place[np.newaxis]) for place in places], axis=0)
    np.testing.assert_array_equal(grow(alike, places), one_by_one)

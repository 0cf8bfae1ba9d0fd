import numpy as np
import pytest
from skimage import data, filters

from pixelwise.core import Image
from pixelwise.errors import InvalidSetting
from pixelwise.methods.threshold.isodata import Isodata, isodata_level
from pixelwise.methods.threshold.li import Li, li_level
from pixelwise.methods.threshold.otsu import Otsu
from pixelwise.methods.threshold.threshold import Threshold
from pixelwise.methods.threshold.triangle import Triangle, triangle_level
from pixelwise.methods.threshold.yen import Yen, yen_level
from pixelwise.ops.channels import Channel
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.sides import Side

RULES = {
    "otsu": (Otsu, otsu_level, filters.threshold_otsu),
    "li": (Li, li_level, filters.threshold_li),
    "yen": (Yen, yen_level, filters.threshold_yen),
    "triangle": (Triangle, triangle_level, filters.threshold_triangle),
    "isodata": (Isodata, isodata_level, filters.threshold_isodata),
}
PICTURES = {
    "camera": data.camera,
    "coins": data.coins,
    "page": data.page,
    "moon": data.moon,
    "noise": lambda: np.random.default_rng(3).integers(7, 190, (60, 70)).astype(np.uint8),
}


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("rule", RULES)
def test_level_when_8_bit_then_is_the_one_of_scikit_image(rule: str, picture: str):
    _, ours, theirs = RULES[rule]
    pixels = PICTURES[picture]()
    assert ours(pixels) == pytest.approx(float(theirs(pixels)), abs=1e-4)


@pytest.mark.parametrize("rule", ["li", "yen", "isodata"])
def test_level_when_16_bit_then_is_the_one_of_scikit_image(rule: str):
    _, ours, theirs = RULES[rule]
    pixels = data.coins().astype(np.uint16) * 201 + 3
    assert ours(pixels) == pytest.approx(float(theirs(pixels)), rel=1e-6)


@pytest.mark.parametrize("rule", RULES)
def test_level_when_float_then_is_within_a_bin_of_scikit_image(rule: str):
    _, ours, theirs = RULES[rule]
    pixels = (data.coins() / 50 - 2).astype(np.float32)
    one_bin = (pixels.max() - pixels.min()) / 256
    assert abs(ours(pixels) - float(theirs(pixels))) <= one_bin


@pytest.mark.parametrize("rule", ["otsu", "li", "yen", "isodata"])
def test_level_when_dtype_changes_then_the_mask_does_not(rule: str):
    method = RULES[rule][0]()
    pixels = data.coins()[:120, :160]
    eight = method(Image(pixels)).mask
    sixteen = method(Image(pixels.astype(np.uint16) * 257)).mask
    signed = method(Image(pixels.astype(np.int16) - 100)).mask
    assert np.array_equal(eight, sixteen)
    assert np.array_equal(eight, signed)


@pytest.mark.parametrize("rule", RULES)
def test_method_when_volume_then_one_level_for_all_slices(rule: str):
    method = RULES[rule][0]()
    slices = np.stack([data.coins()[:60, :80], data.coins()[60:120, :80]])
    flat = method(Image(slices.reshape(120, 80))).mask
    assert np.array_equal(method(Image.volume(slices)).mask, flat.reshape(slices.shape))


@pytest.mark.parametrize("rule", RULES)
def test_method_when_nothing_stands_out_then_nothing_is_found(rule: str):
    for pixels in (np.full((5, 6), 9, np.uint8), np.full((5, 6), 0.4, np.float32)):
        for side in Side:
            assert RULES[rule][0](side=side)(Image(pixels)).is_empty


def test_otsu_when_16_bit_then_splits_no_worse_than_scikit_image():
    noise = np.random.default_rng(0).integers(0, 200, data.coins().shape)
    pixels = (data.coins().astype(np.uint16) * 201 + noise).astype(np.uint16)

    def within(level: float) -> float:
        return sum(
            part.size * part.var() for part in (pixels[pixels <= level], pixels[pixels > level])
        )

    assert within(otsu_level(pixels)) <= within(float(filters.threshold_otsu(pixels)))


def test_otsu_when_nan_then_on_neither_side():
    pixels = np.float32([[0.1, 0.1, np.nan], [0.9, 0.9, np.nan]])
    bright = Otsu()(Image(pixels)).mask
    dark = Otsu(side=Side.DARKER)(Image(pixels)).mask
    assert bright.tolist() == [[False, False, False], [True, True, False]]
    assert dark.tolist() == [[True, True, False], [False, False, False]]


def test_otsu_when_side_is_border_then_takes_what_touches_it_less():
    pixels = np.full((7, 7), 200, np.uint8)
    pixels[2:5, 2:5] = 20
    assert Otsu(side=Side.BORDER)(Image(pixels)).area == 9
    assert Otsu(side=Side.BORDER)(Image(255 - pixels)).area == 9


def test_otsu_when_channel_is_named_then_looks_at_it():
    pixels = np.full((4, 4, 3), 100, np.uint8)
    pixels[:2, :, 0], pixels[:2, :, 2] = 160, 40
    top = np.zeros((4, 4), bool)
    top[:2] = True
    assert np.array_equal(Otsu(channel=Channel.RED)(Image(pixels)).mask, top)
    assert np.array_equal(Otsu(channel=Channel.BLUE)(Image(pixels)).mask, ~top)
    assert np.array_equal(Otsu(channel=Channel.SATURATION)(Image(pixels)).mask, top)


def test_otsu_when_it_has_chosen_then_tells_the_level():
    made = Otsu()(Image(np.array([[3, 3, 9]], np.uint8))).provenance
    assert made.notes == ("level 3",)


def test_triangle_when_16_bit_then_is_near_the_8_bit_level():
    noise = np.random.default_rng(0).integers(0, 257, data.coins().shape)
    pixels = data.coins().astype(np.uint16) * 257 + noise.astype(np.uint16)
    assert abs(triangle_level(pixels) / 257 - triangle_level(data.coins())) < 3


def test_triangle_when_a_tail_is_dark_then_looks_that_way():
    pixels = np.array([[9] * 20 + [8] * 4 + [7, 5, 1]], np.uint8)
    assert triangle_level(pixels) == 7
    assert Triangle(side=Side.DARKER)(Image(pixels)).area == 3


@pytest.mark.parametrize(
    "pixels",
    [
        np.array([[99, 101, 255]], np.uint8),
        np.array([[99, 101, 255]], np.uint16) * 257,
        np.array([[99, 101, 255]], np.float32) / 255,
    ],
)
def test_threshold_when_a_picture_then_counts_0_to_255(pixels: np.ndarray):
    assert Threshold(level=100)(Image(pixels)).mask.tolist() == [[False, True, True]]
    dark = Threshold(level=100, side=Side.DARKER)(Image(pixels)).mask
    assert dark.tolist() == [[True, False, False]]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
def test_threshold_when_measured_then_counts_the_data_s_units(dtype: type):
    hounsfield = np.array([[-1000, 40, 300, 301]], dtype)
    assert Threshold(level=300)(Image(hounsfield)).mask.tolist() == [[False, False, False, True]]


def test_threshold_when_constant_then_judged_like_any_other():
    assert Threshold(level=100)(Image(np.full((2, 2), 200, np.uint8))).area == 4


def test_threshold_when_the_level_is_beyond_the_type_then_still_answers():
    pixels = Image(np.array([[0, 255]], np.uint8))
    assert Threshold(level=-5)(pixels).area == 2
    assert Threshold(level=900)(pixels).is_empty


def test_bins_when_outside_the_range_then_refused():
    with pytest.raises(InvalidSetting, match="bins"):
        Otsu(bins=1)

import numpy as np
import pytest
from skimage import color, data

from pixelwise.ops.channels import Channel, level_unit, levels_of, plane

CAT = data.chelsea()[:60, :80]


@pytest.mark.parametrize("channel", Channel)
def test_plane_when_uint8_then_near_the_float_one(channel: Channel):
    eight = plane(CAT, channel).astype(np.float64)
    exact = plane(CAT.astype(np.float32) / 255, channel).astype(np.float64) * 255
    apart = np.abs(eight - exact)
    if channel is Channel.HUE:
        apart = np.minimum(apart, 255 - apart)
    assert np.percentile(apart, 99) < 2.5


@pytest.mark.parametrize(
    ("channel", "band", "scale"), [(Channel.LIGHTNESS, 0, 1 / 100), (Channel.A, 1, 1 / 255)]
)
def test_plane_when_lab_then_is_the_one_of_scikit_image(channel: Channel, band: int, scale: float):
    theirs = color.rgb2lab(CAT)[..., band]
    shift = 0 if channel is Channel.LIGHTNESS else 128
    ours = plane(CAT.astype(np.float32) / 255, channel)
    assert np.abs(ours - (theirs + shift) * scale).max() < 0.01


def test_plane_when_hsv_then_is_the_one_of_scikit_image():
    theirs = color.rgb2hsv(CAT)
    for band, channel in enumerate((Channel.HUE, Channel.SATURATION, Channel.VALUE)):
        apart = np.abs(plane(CAT.astype(np.float64) / 255, channel) - theirs[..., band])
        assert np.minimum(apart, 1 - apart).max() < 1e-3


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_plane_when_volume_then_slice_by_slice(channel: Channel, dtype: type):
    volume = np.random.default_rng(0).integers(0, 2, (3, 4, 5, 3)).astype(dtype)
    deep = plane(volume, channel)
    assert deep.shape == (3, 4, 5)
    for slice_, part in zip(volume, deep, strict=True):
        assert np.allclose(plane(slice_, channel), part)


def test_plane_when_a_colour_is_nan_then_nan():
    pixels = np.full((1, 2, 3), 0.4, np.float32)
    pixels[0, 0, 1] = np.nan
    assert np.isnan(plane(pixels, Channel.SATURATION)).tolist() == [[True, False]]


def test_plane_when_grey_then_red_is_grey():
    pixels = np.array([[[7], [9]]], np.uint16)
    assert plane(pixels, Channel.RED).tolist() == [[7, 9]]


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (np.zeros(2, np.uint8), 1),
        (np.zeros(2, np.uint16), 257),
        (np.array([0.0, 1.0]), 1 / 255),
        (np.array([0.0, 1.5]), 1),
        (np.zeros(2, np.int16), 1),
        (np.full(2, np.nan), 1),
    ],
)
def test_unit_when_asked_then_is_a_level_in_the_values_numbers(values: np.ndarray, unit: float):
    assert level_unit(values) == pytest.approx(unit)


def test_levels_when_infinite_then_the_least():
    assert levels_of(np.float32([0.5, np.inf, np.nan, 1])).tolist() == [127.5, 127.5, 127.5, 255]

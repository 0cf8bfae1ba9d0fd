import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.drawing import screen_pixels


def test_screen_pixels_when_eight_bit_then_as_they_are() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(screen_pixels(Image(pixels)), pixels)


def test_screen_pixels_when_sixteen_bit_uses_its_range_then_scaled_by_it() -> None:
    assert screen_pixels(Image(np.uint16([[0, 65535]])))[0, :, 0].tolist() == [0, 255]


def test_screen_pixels_when_twelve_bit_sensor_then_not_dark() -> None:
    ramp = np.linspace(0, 4095, 10_000).reshape(100, 100).astype(np.uint16)
    shown = screen_pixels(Image(ramp))
    assert shown.min() == 0
    assert shown.max() == 255
    assert shown.mean() == pytest.approx(127.5, abs=2)


def test_screen_pixels_when_hounsfield_then_outliers_do_not_darken_it() -> None:
    values = np.linspace(-100, 200, 10_000).reshape(100, 100)
    values[0, 0] = 30_000
    shown = screen_pixels(Image(values.astype(np.int16)))
    assert shown[..., 0].mean() == pytest.approx(127.5, abs=3)


def test_screen_pixels_when_not_finite_then_ends() -> None:
    values = np.float32([[np.nan, np.inf, -np.inf, 5, 15]])
    assert screen_pixels(Image(values))[0, :3, 0].tolist() == [0, 255, 0]


def test_screen_pixels_when_grey_then_three_equal_channels() -> None:
    shown = screen_pixels(Image(np.uint8([[7, 9]])))
    assert shown.tolist() == [[[7] * 3, [9] * 3]]


def test_screen_pixels_when_volume_then_middle_slice() -> None:
    voxels = np.zeros((3, 2, 2), np.uint8)
    voxels[1] = 9
    assert np.all(screen_pixels(Image.volume(voxels)) == 9)


def test_screen_pixels_when_constant_measured_data_then_no_crash() -> None:
    assert screen_pixels(Image(np.full((3, 3), -7, np.int16))).shape == (3, 3, 3)

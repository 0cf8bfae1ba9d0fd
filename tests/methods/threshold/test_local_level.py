import cv2
import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from skimage import data, filters

from pixelwise.core import Image
from pixelwise.methods.threshold.adaptive import Adaptive, Window
from pixelwise.methods.threshold.niblack import Niblack
from pixelwise.methods.threshold.sauvola import Sauvola
from pixelwise.ops.sides import Side

PAGE = data.page()


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    return float((first == second).mean())


def test_niblack_when_compared_then_is_the_one_of_scikit_image():
    theirs = filters.threshold_niblack(PAGE, window_size=15, k=0.2) < PAGE
    assert agreement(Niblack(radius=7, k=0.2)(Image(PAGE)).mask, theirs) > 0.9995


def test_sauvola_when_compared_then_is_the_one_of_scikit_image():
    theirs = filters.threshold_sauvola(PAGE, window_size=15, k=0.3, r=128) < PAGE
    assert agreement(Sauvola(radius=7, k=0.3)(Image(PAGE)).mask, theirs) > 0.9995


def test_adaptive_when_compared_then_is_the_one_of_scikit_image():
    level = filters.threshold_local(PAGE, 21, method="mean", offset=4, mode="mirror")
    assert agreement(Adaptive(radius=10, offset=4)(Image(PAGE)).mask, level < PAGE) > 0.9999


def test_adaptive_when_gaussian_then_weighs_the_near_more():
    level = cv2.GaussianBlur(PAGE.astype(np.float32), (0, 0), 5, borderType=cv2.BORDER_REFLECT_101)
    mask = Adaptive(radius=15, window=Window.GAUSSIAN)(Image(PAGE)).mask
    assert agreement(mask, level < PAGE) > 0.999


@pytest.mark.parametrize("method", [Adaptive(offset=6), Niblack(), Sauvola()])
def test_local_when_16_bit_or_float_then_same_as_8_bit(method):
    eight = method(Image(PAGE)).mask
    assert agreement(method(Image(PAGE.astype(np.uint16) * 257)).mask, eight) > 0.999
    assert agreement(method(Image(PAGE.astype(np.float32) / 255)).mask, eight) > 0.999


def test_sauvola_when_text_on_uneven_paper_then_finds_it_where_otsu_cannot():
    generator = np.random.default_rng(0)
    light = np.linspace(90, 230, 200)[np.newaxis, :] * np.ones((80, 1))
    ink = np.zeros((80, 200), bool)
    ink[20:60:10, 10:190] = ink[20:60, 10:190:15] = True
    page = np.clip(np.where(ink, light * 0.45, light) + generator.normal(0, 2, ink.shape), 0, 255)
    pixels = page.astype(np.uint8)
    found = Sauvola(radius=10, side=Side.DARKER)(Image(pixels)).mask
    assert (found & ink).sum() / (found | ink).sum() > 0.95
    plain = pixels <= filters.threshold_otsu(pixels)
    assert (plain & ink).sum() / (plain | ink).sum() < 0.7


def test_adaptive_when_volume_then_looks_into_depth_too():
    volume = np.random.default_rng(0).integers(0, 200, (6, 9, 10)).astype(np.uint8)
    level = uniform_filter(volume.astype(np.float64), 5, mode="mirror")
    found = Adaptive(radius=2)(Image.volume(volume)).mask
    assert np.array_equal(found, volume > level.astype(np.float32))


def test_niblack_when_volume_then_deviation_is_of_the_cube():
    volume = np.random.default_rng(0).integers(0, 200, (5, 6, 7)).astype(np.uint8)
    wide = volume.astype(np.float64)
    mean = uniform_filter(wide, 3, mode="mirror")
    deviation = np.sqrt(uniform_filter(wide**2, 3, mode="mirror") - mean**2)
    found = Niblack(radius=1, k=0.3)(Image.volume(volume)).mask
    assert agreement(found, volume > mean - 0.3 * deviation) > 0.999


@pytest.mark.parametrize("method", [Adaptive, Niblack, Sauvola])
def test_local_when_nan_then_never_foreground(method):
    pixels = PAGE[:40, :50].astype(np.float32) / 255
    pixels[5:9, 5:9] = np.nan
    for side in Side:
        assert not method(side=side)(Image(pixels)).mask[5:9, 5:9].any()


@pytest.mark.parametrize("method", [Adaptive, Niblack, Sauvola])
def test_local_when_constant_then_nothing_is_found(method):
    for side in Side:
        assert method(side=side)(Image(np.full((9, 9), 50, np.uint8))).is_empty


def test_adaptive_when_measured_then_offset_is_in_its_units():
    data_units = np.array([[0, 0, 0, 900, 0, 0, 0]], np.int16)
    assert Adaptive(radius=3, offset=-500)(Image(data_units)).area == 1
    assert Adaptive(radius=3, offset=-800)(Image(data_units)).is_empty

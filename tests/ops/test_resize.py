import cv2
import numpy as np
import pytest

from pixelwise.ops import resize
from pixelwise.ops.compiled import COMPILED, Kernels
from pixelwise.ops.resize import (
    Window,
    lay_corners,
    shrink_to_corners,
    shrink_to_letterbox,
    shrink_to_stretch,
)


def reference(pixels, size):
    """Return MediaPipe's warp, pixel by pixel: corner on corner, places in 1/32 pixel."""
    height, width, channels = pixels.shape
    made = np.empty((*size, channels), np.uint8)
    for y in range(size[0]):
        for x in range(size[1]):
            row, down = divmod(round(y * height / size[0] * 32), 32)
            column, along = divmod(round(x * width / size[1] * 32), 32)
            below, right = min(row + 1, height - 1), min(column + 1, width - 1)
            upper = pixels[row, column] * (32 - along) + pixels[row, right] * along
            lower = pixels[below, column] * (32 - along) + pixels[below, right] * along
            made[y, x] = (upper * (32 - down) + lower * down + 512) // 1024
    return made


SIZES = [((50, 70), (16, 16)), ((16, 9), (33, 40)), ((1, 1), (4, 4)), ((8, 8), (8, 8))]


def picture(shape, channels=3):
    return np.random.default_rng(1).integers(0, 256, (*shape, channels)).astype(np.uint8)


@pytest.mark.parametrize(("given", "wanted"), SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_corners_when_resized_then_equals_the_warp_worked_out_by_hand(given, wanted, channels):
    pixels = picture(given, channels)
    expected = reference(pixels.astype(np.int64), wanted)
    assert np.array_equal(shrink_to_corners(pixels, wanted), expected)


def test_corners_when_a_side_is_too_long_for_the_maps_then_by_hand_and_equal(monkeypatch):
    pixels = picture((40, 60))
    expected = shrink_to_corners(pixels, (16, 16))
    monkeypatch.setattr(resize, "LONGEST", 10)
    assert np.array_equal(shrink_to_corners(pixels, (16, 16)), expected)


@pytest.mark.parametrize("compiled", [False, True] if COMPILED else [False])
@pytest.mark.parametrize(("given", "wanted"), SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_lay_corners_when_compiled_or_not_then_shrinks_and_normalises(
    monkeypatch, compiled, given, wanted, channels
):
    kernels = Kernels("pixelwise.ops.resize_kernels")
    if compiled:
        kernels.warm()
    else:
        monkeypatch.setattr(kernels, "ready", lambda: None)
    monkeypatch.setattr(resize, "KERNELS", kernels)
    pixels, target = picture(given, channels), np.empty((*wanted, channels), np.float32)
    lay_corners(pixels, target, 127.5, 1 / 127.5)
    levels = shrink_to_corners(pixels, wanted).astype(np.float32)
    assert np.array_equal(target, (levels - np.float32(127.5)) * np.float32(1 / 127.5))


def test_stretch_when_shrunk_then_averages_over_the_area():
    pixels = np.array([[0, 255, 0, 255]], np.uint8).reshape(1, 4, 1)
    assert shrink_to_stretch(pixels, (1, 2)).ravel().tolist() == [128, 128]


def test_letterbox_when_wide_then_padded_below_and_the_window_says_so():
    made, window = shrink_to_letterbox(np.full((10, 20, 3), 9, np.uint8), (8, 8), pad=114)
    assert window == Window(bottom=0.5, right=1.0)
    assert (made[:4] == 9).all()
    assert (made[4:] == 114).all()


def test_letterbox_when_it_fits_exactly_then_the_window_is_whole():
    assert shrink_to_letterbox(np.zeros((4, 4, 1), np.uint8), (8, 8))[1].is_whole


def test_resizing_when_done_then_the_input_is_untouched():
    pixels = picture((9, 9))
    before = pixels.copy()
    shrink_to_corners(pixels, (4, 4))
    shrink_to_letterbox(pixels, (4, 8))
    lay_corners(pixels, np.empty((4, 4, 3), np.float32), 0, 1)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("shape", [(360, 480, 3), (512, 512, 1), (1300, 1411, 3)])
@pytest.mark.parametrize(("down", "along"), [(5, 5), (2.1, 3.7), (3.4, 11)])
def test_shrink_to_stretch_when_much_then_within_two_levels_of_the_whole_average(
    shape, down, along
):
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = 127.5 + 60 * np.sin(x / 37) + 60 * np.cos(y / 53)
    pixels = np.repeat(waves[..., np.newaxis], shape[2], axis=2).astype(np.uint8)
    size = (int(shape[0] / down), int(shape[1] / along))
    made = shrink_to_stretch(pixels, size)
    wanted = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA).reshape(made.shape)

    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - wanted).max() <= 2


@pytest.mark.parametrize(("size", "factor"), [((18, 32), 6), ((7, 11), 12), ((9, 16), 24)])
def test_shrink_to_stretch_when_every_third_pixel_counts_then_as_if_interpolated(size, factor):
    pixels = picture((size[0] * factor, size[1] * factor))
    times = 2 * factor // 6
    between = cv2.resize(pixels, (size[1] * times, size[0] * times))
    wanted = cv2.resize(between, size[::-1], interpolation=cv2.INTER_AREA)

    assert np.array_equal(shrink_to_stretch(pixels, size), wanted)

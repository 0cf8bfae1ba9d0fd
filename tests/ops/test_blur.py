import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.ops.blur import clean_blur, wide_blur


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut())


@pytest.mark.parametrize("size", [1, 2, 3, 15, 31, 55, 101, 255])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (7, 1, 3), (37, 61, 3), (8, 8, 1)])
def test_wide_blur_when_constant_then_constant(size: int, shape: tuple[int, ...]) -> None:
    blurred = wide_blur(np.full(shape, 77, np.uint8), size)
    assert blurred.shape == shape
    assert np.all(blurred == 77)


@pytest.mark.parametrize("size", [3, 7, 15, 31, 41, 55, 75, 101])
def test_wide_blur_when_photo_then_within_two_levels_of_opencv(
    photo: NDArray[np.uint8], size: int
) -> None:
    true = cv2.GaussianBlur(photo, (size, size), 0).astype(int)
    error = np.abs(wide_blur(photo, size) - true)
    assert error.mean() <= 0.6
    assert error.max() <= 3
    assert np.mean(error > 2) < 3e-5  # a handful of values in the whole picture


def test_wide_blur_when_sides_are_odd_then_still_aligned(photo: NDArray[np.uint8]) -> None:
    cut = photo[:509, :507]
    true = cv2.GaussianBlur(cut, (55, 55), 0).astype(int)
    assert np.mean(np.abs(wide_blur(cut, 55) - true) > 2) < 3e-5


def test_wide_blur_when_point_then_spreads_as_far_as_the_kernel_says() -> None:
    spot = np.zeros((257, 257, 1), np.uint8)
    spot[108:149, 108:149] = 255
    blurred = wide_blur(spot, 55)[..., 0].astype(float)
    across = blurred.sum(0)
    places = np.arange(257)
    centre = (across * places).sum() / across.sum()
    spread = ((across * (places - centre) ** 2).sum() / across.sum()) ** 0.5
    assert centre == pytest.approx(128, abs=0.1)
    assert spread == pytest.approx((8.53**2 + (41**2 - 1) / 12) ** 0.5, rel=0.01)


def test_clean_blur_when_red_thing_on_grey_then_grey_stays_grey() -> None:
    pixels = np.full((120, 120, 3), 90, np.uint8)
    thing = np.zeros((120, 120), np.uint8)
    thing[40:80, 40:80] = 255
    pixels[thing > 0] = (255, 0, 0)
    clean = clean_blur(pixels, thing, 55).grown()
    smeared = wide_blur(pixels, 55)
    outside = thing == 0
    assert np.abs(clean[outside].astype(int) - 90).max() <= 1
    assert np.abs(smeared[outside].astype(int) - 90).max() > 30


def test_clean_blur_when_no_foreground_then_the_plain_blur(photo: NDArray[np.uint8]) -> None:
    nothing = np.zeros(photo.shape[:2], np.uint8)
    gap = clean_blur(photo, nothing, 55).grown().astype(int) - wide_blur(photo, 55)
    assert np.abs(gap).max() <= 2


def test_clean_blur_when_all_is_foreground_then_answers() -> None:
    pixels = np.full((9, 9, 3), 50, np.uint8)
    assert clean_blur(pixels, np.full((9, 9), 255, np.uint8), 5).grown().shape == pixels.shape


def test_blur_when_done_then_input_untouched(photo: NDArray[np.uint8]) -> None:
    kept = photo.copy()
    wide_blur(photo, 1)[...] = 0
    wide_blur(photo, 55)
    clean_blur(photo, np.zeros(photo.shape[:2], np.uint8), 55)
    assert np.array_equal(photo, kept)

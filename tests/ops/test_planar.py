import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.ops import blend
from pixelwise.ops.planar import Planar, planes_of
from pixelwise.ops.resize import shrink_to_corners
from pixelwise.ops.yuv import Planes, halve_colours, rgb_of

BT709 = (0.2126, 0.0722)
SIZE = (144, 256)


def rgb(planar: Planar) -> NDArray[np.uint8]:
    luma, u, v = planar.planes
    whole = [
        cv2.resize(plane, luma.shape[::-1], interpolation=cv2.INTER_NEAREST) for plane in (u, v)
    ]
    return rgb_of(np.dstack([luma, *whole]), *planar.weights)


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    from skimage.data import astronaut

    return np.ascontiguousarray(cv2.resize(astronaut(), SIZE[::-1], interpolation=cv2.INTER_AREA))


@pytest.fixture
def planar(photo: NDArray[np.uint8]) -> Planar:
    height, width = SIZE
    planes: Planes = (
        np.zeros(SIZE, np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
    )
    halve_colours(photo, *BT709, planes)
    return Planar(planes, BT709, rgb)


def disc() -> NDArray[np.uint8]:
    drawn = cv2.circle(np.zeros(SIZE, np.uint8), (120, 70), 40, 255, -1)
    return np.asarray(cv2.GaussianBlur(drawn, (9, 9), 0), np.uint8)


def test_planar_when_read_then_the_picture(planar: Planar, photo: NDArray[np.uint8]) -> None:
    assert planar.shape == np.asarray(planar).shape == photo.shape
    assert np.abs(np.asarray(planar).astype(int) - photo).mean() < 4  # colours are halved


def test_corners_when_from_planes_then_as_from_rgb(planar: Planar) -> None:
    made = planar.to_corners((36, 64)).astype(int)
    expected = shrink_to_corners(np.asarray(planar), (36, 64))
    assert np.abs(made - expected).mean() < 2.5


def test_grey_when_from_luma_then_as_from_rgb(planar: Planar) -> None:
    small = cv2.resize(np.asarray(planar), (64, 36), interpolation=cv2.INTER_AREA)
    expected = small @ np.array([BT709[0], 1 - sum(BT709), BT709[1]])
    assert np.abs(planar.grey((36, 64)) - expected).max() < 4


@pytest.mark.parametrize("size", [1, 5, 15, 31, 55, 101])
def test_blur_when_planar_then_each_plane_is_blurred_as_opencv_does(
    planar: Planar, size: int
) -> None:
    luma, u, v = planar.before_blur(np.zeros(SIZE, np.uint8), size).planes
    sigma = 0.3 * ((size - 1) / 2 - 1) + 0.8 if size > 1 else 0.0
    for made, plane, width in zip(
        (luma, u, v), planar.planes, (sigma, sigma / 2, sigma / 2), strict=True
    ):
        exact = plane if size == 1 else cv2.GaussianBlur(plane, (0, 0), width)
        error = np.abs(made.astype(int) - exact)
        assert error.mean() < 1
        assert np.percentile(error, 99.5) <= 3


def test_blur_when_foreground_is_whole_then_its_planes_stay_to_the_bit(planar: Planar) -> None:
    alpha = disc()
    made = planar.before_blur(alpha, 55).planes
    half = cv2.resize(alpha, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for plane, given, share in zip(made, planar.planes, (alpha, half, half), strict=True):
        assert np.array_equal(plane[share == 255], given[share == 255])
        assert not np.array_equal(plane[share == 0], given[share == 0])


@pytest.mark.parametrize("size", [15, 55])
def test_blur_when_compiled_or_not_then_the_same_planes(
    planar: Planar, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    blend.KERNELS.warm()
    first = planar.before_blur(disc(), size).planes
    monkeypatch.setattr(blend.KERNELS, "ready", lambda: None)
    second = planar.before_blur(disc(), size).planes
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)


def test_planar_when_blurred_then_near_the_blur_of_rgb(planar: Planar) -> None:
    from pixelwise.core import Foreground, Image
    from pixelwise.drawing import Blur, composite

    alpha = disc()
    person = Foreground(alpha > 127, alpha.astype(np.float32) / 255)
    kept = composite(Image.of_plane(planar), person, Blur(31)).pixels.astype(int)
    plain = composite(Image(np.asarray(planar)), person, Blur(31)).pixels
    apart = np.abs(kept - plain)[(alpha == 0) | (alpha == 255)]
    assert apart.mean() < 1.5
    assert np.percentile(apart, 95) <= 4


def of_rgb(pixels: NDArray[np.uint8]) -> Planar:
    return Planar(planes_of(pixels, BT709), BT709, rgb)


def test_before_when_alpha_is_whole_or_clear_then_planes_of_one_side_to_the_bit(
    planar: Planar,
) -> None:
    alpha = disc()
    behind = planes_of(np.full((*SIZE, 3), (10, 200, 90), np.uint8), BT709)
    kept = [plane.copy() for plane in behind]
    made = planar.before(behind, alpha).planes
    half = cv2.resize(alpha, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for plane, own, other, share in zip(
        made, planar.planes, behind, (alpha, half, half), strict=True
    ):
        assert np.array_equal(plane[share == 255], own[share == 255])
        assert np.array_equal(plane[share == 0], other[share == 0])
    assert all(np.array_equal(plane, own) for plane, own in zip(behind, kept, strict=True))


@pytest.mark.parametrize("size", [(144, 256), (400, 398), (730, 722), (2, 2), (6, 34)])
def test_before_when_compiled_or_not_then_the_same_planes(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(sum(size))
    planar = of_rgb(generator.integers(0, 256, (*size, 3), dtype=np.uint8))
    waves = np.cumsum(generator.normal(0, 40, size), axis=1)
    alpha = np.clip(waves, 0, 255).astype(np.uint8)
    behind = planes_of(generator.integers(0, 256, (*size, 3), dtype=np.uint8), BT709)
    blend.KERNELS.warm()
    first = planar.before(behind, alpha).planes
    monkeypatch.setattr(blend.KERNELS, "ready", lambda: None)
    second = planar.before(behind, alpha).planes
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)


def test_before_when_red_stood_before_blue_then_no_blue_is_left_before_green() -> None:
    alpha = cv2.GaussianBlur(disc(), (25, 25), 0)
    share = alpha[..., np.newaxis] / 255
    red, blue, green = np.array([[220, 30, 30], [20, 40, 230], [20, 220, 40]])
    frame = of_rgb(np.rint(red * share + blue * (1 - share)).astype(np.uint8))
    ideal = red * share + green * (1 - share)
    naive = np.asarray(frame) * share + green * (1 - share)
    behind = planes_of(np.full((*SIZE, 3), green, np.uint8), BT709)
    made = np.asarray(frame.before(behind, alpha)).astype(int)
    band = (alpha > 20) & (alpha < 235)
    ours, halo = (np.abs((pixels - ideal)[band]) for pixels in (made, naive))
    assert ours.mean() < 8
    assert ours[:, 2].mean() < 0.35 * halo[:, 2].mean()

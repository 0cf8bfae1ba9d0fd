import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Space
from pixelwise.drawing import (
    Background,
    Blur,
    CleanBlur,
    Colour,
    Picture,
    Transparent,
    composite,
    cutout,
    mask_picture,
)
from pixelwise.drawing.compositing import alpha_levels
from pixelwise.errors import InputError
from pixelwise.ops.planar import Planar, planes_of
from pixelwise.ops.upsampled import Upsampled
from pixelwise.ops.yuv import rgb_of

GREEN = Colour((0, 255, 0))
ALL: list[Background] = [
    Blur(9),
    CleanBlur(9),
    GREEN,
    Picture(Image(np.full((3, 4, 3), 9, np.uint8))),
    Transparent(),
]


@pytest.fixture
def square() -> tuple[Image, Foreground]:
    """Return a red square of 20 pixels in the middle of grey 40 x 40."""
    pixels = np.full((40, 40, 3), 120, np.uint8)
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    pixels[mask] = (255, 0, 0)
    return Image(pixels), Foreground(mask)


@pytest.mark.parametrize("background", ALL[:4])
def test_composite_when_alpha_is_one_then_red_stays_red(
    square: tuple[Image, Foreground], background: Background
) -> None:
    made = composite(*square, background).pixels
    assert np.all(made[10:30, 10:30] == (255, 0, 0))


def test_composite_when_colour_then_outside_has_it(square: tuple[Image, Foreground]) -> None:
    image, foreground = square
    made = composite(image, foreground, GREEN).pixels
    assert np.all(made[~foreground.mask] == (0, 255, 0))


def test_composite_when_foreground_is_empty_then_only_background() -> None:
    image = Image(np.full((8, 8, 3), 50, np.uint8))
    made = composite(image, Foreground(np.zeros((8, 8), bool)), GREEN).pixels
    assert np.all(made == (0, 255, 0))


@pytest.mark.parametrize("background", ALL[:4])
def test_composite_when_foreground_is_all_then_the_picture(background: Background) -> None:
    image = Image(np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8))
    made = composite(image, Foreground(np.ones((9, 11), bool)), background)
    assert np.array_equal(made.pixels, image.pixels)


@pytest.mark.parametrize("background", [Blur(55), CleanBlur(55)])
def test_composite_when_picture_is_constant_then_blur_is_the_same(background: Background) -> None:
    image = Image(np.full((33, 47, 3), 88, np.uint8))
    mask = np.zeros((33, 47), bool)
    mask[5:9, 5:9] = True
    assert np.all(composite(image, Foreground(mask), background).pixels == 88)


def test_composite_when_clean_blur_then_no_glow_of_the_thing(
    square: tuple[Image, Foreground],
) -> None:
    outside = ~square[1].mask
    clean = composite(*square, CleanBlur(55)).pixels[outside].astype(int)
    plain = composite(*square, Blur(55)).pixels[outside].astype(int)
    assert np.abs(clean - 120).max() <= 1
    assert np.abs(plain - 120).max() > 20


def test_composite_when_edge_is_soft_then_no_old_background_shines_through() -> None:
    alpha = np.clip(np.linspace(1.5, -0.5, 64), 0, 1)[np.newaxis].repeat(32, 0)
    blue, red = np.array([0, 0, 255]), np.array([255, 0, 0])
    share = alpha[..., np.newaxis]
    image = Image(np.rint(red * share + blue * (1 - share)).astype(np.uint8))
    foreground = Foreground(alpha > 0.5, alpha.astype(np.float32))
    made = composite(image, foreground, GREEN).pixels.astype(int)
    ideal = red * share + np.array([0, 255, 0]) * (1 - share)
    assert np.abs(made[..., 2]).mean() < 4  # naively the blue is 16 on average
    assert np.abs(made - ideal).mean() < 5


def test_composite_when_background_is_a_picture_then_its_middle_covers() -> None:
    behind = np.zeros((10, 40, 3), np.uint8)
    behind[:, 15:25] = 200
    image = Image(np.zeros((20, 20, 3), np.uint8))
    made = composite(image, Foreground(np.zeros((20, 20), bool)), Picture(Image(behind)))
    assert np.all(made.pixels == 200)


def test_composite_when_transparent_then_the_cutout(square: tuple[Image, Foreground]) -> None:
    made = composite(*square, Transparent()).pixels
    assert np.array_equal(made, cutout(*square).pixels)


def test_cutout_when_mask_is_hard_then_alpha_equals_it(square: tuple[Image, Foreground]) -> None:
    made = cutout(*square).pixels
    assert np.array_equal(made[..., 3], square[1].mask * 255)
    assert np.all(made[10:30, 10:30, :3] == (255, 0, 0))


def test_cutout_when_far_outside_then_nothing_of_the_background_is_left() -> None:
    image = Image(np.full((60, 60, 3), 200, np.uint8))
    mask = np.zeros((60, 60), bool)
    mask[:5, :5] = True
    assert not cutout(image, Foreground(mask)).pixels[30:, 30:].any()


def test_mask_picture_when_drawn_then_white_on_the_guides_grey() -> None:
    made = mask_picture(Foreground(np.array([[True, False]])))
    assert made.pixels.tolist() == [[[255] * 3, [192] * 3]]


@pytest.mark.parametrize("background", ALL)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (17, 3)])
def test_composite_when_tiny_then_answers(background: Background, size: tuple[int, int]) -> None:
    image = Image(np.full((*size, 3), 5, np.uint8))
    made = composite(image, Foreground(np.ones(size, bool)), background)
    assert made.size == size


@pytest.mark.parametrize("background", ALL)
@pytest.mark.parametrize(
    "pixels",
    [
        np.full((12, 10), 30_000, np.uint16),
        np.full((12, 10, 1), 0.5, np.float32),
        np.full((12, 10, 4), 200, np.uint8),
        np.full((12, 10, 2), 200, np.uint8),
        np.arange(120, dtype=np.int16).reshape(12, 10) - 50,
        np.full((12, 10, 3), np.nan),
    ],
)
def test_composite_when_other_types_then_eight_bits(
    pixels: NDArray[np.generic], background: Background
) -> None:
    made = composite(Image(pixels), Foreground(np.eye(12, 10, dtype=bool)), background)
    assert made.pixels.dtype == np.uint8
    assert made.channels == (4 if isinstance(background, Transparent) else 3)


@pytest.mark.parametrize("background", ALL)
def test_composite_when_done_then_input_untouched_and_space_kept(
    square: tuple[Image, Foreground], background: Background
) -> None:
    image = Image(square[0].pixels, Space((2.0, 3.0)))
    kept = image.pixels.copy(), square[1].mask.copy()
    made = composite(image, square[1], background)
    assert np.array_equal(image.pixels, kept[0])
    assert np.array_equal(square[1].mask, kept[1])
    assert made.space == image.space
    assert not np.shares_memory(made.pixels, image.pixels)


def test_composite_when_sizes_differ_then_says_so(square: tuple[Image, Foreground]) -> None:
    with pytest.raises(InputError, match="the result"):
        composite(square[0], Foreground(np.zeros((4, 4), bool)), GREEN)


def test_composite_when_volume_then_its_fullest_slice() -> None:
    voxels = np.zeros((3, 6, 6), np.uint8)
    mask = np.zeros((3, 6, 6), bool)
    voxels[2], mask[2, :3] = 77, True
    made = composite(Image.volume(voxels), Foreground(mask), GREEN).pixels
    assert np.all(made[:3] == 77)
    assert np.all(made[3:] == (0, 255, 0))
    assert mask_picture(Foreground(mask)).size == (6, 6)


def test_alpha_levels_when_plane_is_small_then_grown_to_the_picture() -> None:
    plane = Upsampled(np.float32([[0, 1]]), (2, 4))
    foreground = Foreground(np.asarray(plane) > 0.5, plane)
    assert alpha_levels(foreground).tolist() == [[0, 64, 191, 255]] * 2


def test_alpha_levels_when_alpha_leaves_its_range_then_cut() -> None:
    alpha = np.float32([[-1, 2, np.nan, 0.5]])
    assert alpha_levels(Foreground(alpha > 0.5, alpha)).tolist() == [[0, 255, 0, 128]]


def test_composite_when_background_is_text_then_says_what_to_do(
    square: tuple[Image, Foreground],
) -> None:
    with pytest.raises(InputError, match="parse_background"):
        composite(*square, "blur")


BT709 = (0.2126, 0.0722)


def frame(pixels: NDArray[np.uint8]) -> Image:
    """Return a picture as a decoder gives it."""

    def whole(planar: Planar) -> NDArray[np.uint8]:
        luma, *colours = planar.planes
        grown = [plane.repeat(2, 0).repeat(2, 1) for plane in colours]
        return rgb_of(np.dstack([luma, *grown]), *planar.weights)

    return Image.of_plane(Planar(planes_of(pixels, BT709), BT709, whole))


PHOTO = Picture(Image(np.linspace(0, 255, 60 * 50 * 3).astype(np.uint8).reshape(60, 50, 3)))


@pytest.mark.parametrize("background", [GREEN, PHOTO])
def test_composite_when_a_video_frame_then_it_stays_planes_and_looks_as_in_rgb(
    background: Background,
) -> None:
    y, x = np.mgrid[0:120, 0:160]
    pixels = np.dstack([x, y * 2, 200 - x]).astype(np.uint8)
    alpha = np.clip((50 - np.hypot(y - 60, x - 80)) / 8, 0, 1).astype(np.float32)
    person = Foreground(alpha > 0.5, alpha)
    made = composite(frame(pixels), person, background)
    assert isinstance(made.plane, Planar)
    gap = np.abs(made.pixels.astype(int) - composite(Image(pixels), person, background).pixels)
    assert gap.mean() < 3
    assert np.percentile(gap, 99) < 25


def test_picture_when_it_is_a_frame_of_the_same_kind_then_its_planes_are_taken() -> None:
    behind = frame(np.full((20, 30, 3), 90, np.uint8))
    assert isinstance(behind.plane, Planar)
    assert Picture(behind).planes((20, 30), BT709) is behind.plane.planes
    assert [plane.shape for plane in Picture(behind).planes((10, 14), BT709)] == [
        (10, 14),
        (5, 7),
        (5, 7),
    ]


def test_picture_when_asked_again_then_made_once() -> None:
    picture = Picture(Image(np.zeros((9, 9, 3), np.uint8)))
    assert picture.pixels((4, 6)) is picture.pixels((4, 6))
    assert picture.pixels((6, 4)).shape == (6, 4, 3)

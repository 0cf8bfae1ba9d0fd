import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.ops import matte
from pixelwise.ops.blend import paste
from pixelwise.ops.compiled import COMPILED


def soft_disc(side: int, softness: int) -> NDArray[np.uint8]:
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, (side // 2, side // 2), side // 3, 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (softness, softness), 0), np.uint8)


def over(front: tuple[int, ...], back: tuple[int, ...], alpha: NDArray[np.uint8]) -> NDArray:
    pixels = np.empty((*alpha.shape, 3), np.uint8)
    pixels[...] = back
    paste(pixels, np.full_like(pixels, front), alpha)
    return pixels


@pytest.mark.parametrize("side", [64, 200, 800])
def test_foreground_colours_when_red_on_blue_then_the_edge_is_red(side: int) -> None:
    alpha = soft_disc(side, 9)
    colours = matte.foreground_colours(over((220, 30, 30), (20, 40, 230), alpha), alpha)
    band = (alpha > 25) & (alpha < 255)
    assert np.abs(colours[band].astype(int) - (220, 30, 30)).mean() < 6
    assert np.abs(colours[band].astype(int) - (220, 30, 30)).max() < 40


def test_foreground_colours_when_alpha_is_full_then_the_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    full = np.full((20, 30), 255, np.uint8)
    assert np.array_equal(matte.foreground_colours(pixels, full), pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1)])
@pytest.mark.parametrize("level", [0, 100, 255])
def test_foreground_colours_when_tiny_or_constant_then_answers(
    shape: tuple[int, int], level: int
) -> None:
    pixels = np.full((*shape, 3), 60, np.uint8)
    colours = matte.foreground_colours(pixels, np.full(shape, level, np.uint8))
    assert np.array_equal(colours, pixels)


def test_foreground_colours_when_done_then_input_untouched() -> None:
    alpha = soft_disc(64, 9)
    pixels = over((220, 30, 30), (20, 40, 230), alpha)
    kept = pixels.copy(), alpha.copy()
    matte.foreground_colours(pixels, alpha)
    assert np.array_equal(pixels, kept[0])
    assert np.array_equal(alpha, kept[1])


@pytest.mark.skipif(not COMPILED, reason="the compiled kernels need the extra 'fast'")
def test_kernel_when_random_then_equals_the_fallback() -> None:
    from pixelwise.ops import blend_kernels

    generator = np.random.default_rng(1)
    front, back, pixels = generator.integers(0, 256, (3, 3000), dtype=np.uint8)
    alpha = generator.integers(0, 256, 1000, dtype=np.uint8)
    twin = front.copy()
    blend_kernels.correct(front, back, pixels, alpha)
    matte._correct(twin, back, pixels, alpha)
    assert np.array_equal(front, twin)

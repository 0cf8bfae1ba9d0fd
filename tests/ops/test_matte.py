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
    front, back, pixels = generator.integers(0, 256, (3, 90_000), dtype=np.uint8)
    alpha = generator.integers(0, 256, 30_000, dtype=np.uint8)
    alpha[5000:9000], alpha[9000:14_000] = 0, 255
    twin = front.copy()
    blend_kernels.correct(front, back, pixels, alpha)
    matte._correct(twin, back, pixels, alpha)
    unclaimed = np.repeat(alpha < 255, 3)  # what is whole is copied afterwards
    assert np.array_equal(front[unclaimed], twin[unclaimed])


def edges(size: tuple[int, int], seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return random pixels, and an alpha that is clear, soft and whole by stretches."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 256, (*size, 3), dtype=np.uint8)
    waves = np.cumsum(generator.normal(0, 30, size), axis=1) + generator.normal(
        0, 300, (size[0], 1)
    )
    return pixels, np.clip(waves, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("is_compiled", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (3, 9), (40, 64), (190, 203), (400, 371), (737, 760)])
def test_paste_clean_when_any_size_then_pastes_the_foregrounds_own_colours(
    size: tuple[int, int], is_compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, alpha = edges(size, seed=sum(size))
    made = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    expected = made.copy()
    paste(expected, matte.foreground_colours(pixels, alpha), alpha)
    if is_compiled:
        matte.KERNELS.warm()
    else:
        monkeypatch.setattr(matte.KERNELS, "ready", lambda: None)
    matte.paste_clean(made, pixels, alpha)
    assert np.array_equal(made, expected)


def test_paste_clean_when_the_foreground_is_a_view_then_it_is_read_right_and_untouched() -> None:
    pixels, alpha = edges((30, 80), seed=5)
    kept = pixels[:, ::2].copy()
    made, expected = np.zeros((2, 30, 40, 3), np.uint8)
    matte.paste_clean(made, pixels[:, ::2], alpha[:, ::2])
    matte.paste_clean(expected, kept, alpha[:, ::2].copy())
    assert np.array_equal(made, expected)
    assert np.array_equal(pixels[:, ::2], kept)

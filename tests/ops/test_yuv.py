import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.ops import yuv
from pixelwise.ops.compiled import COMPILED

BT709, BT601 = (0.2126, 0.0722), (0.299, 0.114)
SIZES = [(2, 2), (2, 34), (48, 2), (46, 62), (64, 96)]


def planes(size: tuple[int, int], more: int = 0) -> tuple[NDArray[np.uint8], ...]:
    height, width = size
    return (
        np.zeros((height, width + more), np.uint8),
        np.zeros((height // 2, width // 2 + more), np.uint8),
        np.zeros((height // 2, width // 2 + more), np.uint8),
    )


def picture(size: tuple[int, int], seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


@pytest.mark.parametrize("weights", [BT709, BT601])
@pytest.mark.parametrize("size", SIZES)
def test_colours_when_halved_then_near_the_exact_sums(size, weights, monkeypatch) -> None:
    red, blue = weights
    pixels = picture(size)
    luma = pixels @ np.array([red, 1 - red - blue, blue])
    small = pixels.reshape(size[0] // 2, 2, size[1] // 2, 2, 3).mean((1, 3))
    grey = small @ np.array([red, 1 - red - blue, blue])
    expected = (
        16 + luma * 219 / 255,
        128 + (small[..., 2] - grey) / (2 * (1 - blue)) * 224 / 255,
        128 + (small[..., 0] - grey) / (2 * (1 - red)) * 224 / 255,
    )
    for compiled in (True, False):
        if not compiled:
            monkeypatch.setattr(yuv.KERNELS, "ready", lambda: None)
        made = planes(size)
        yuv.halve_colours(pixels, red, blue, made)
        assert np.abs(made[0] - expected[0]).max() < 0.9
        assert np.abs(made[1] - expected[1]).max() < 1.1
        assert np.abs(made[2] - expected[2]).max() < 1.1


@pytest.mark.parametrize("weights", [BT709, BT601])
def test_greys_when_turned_then_they_get_no_colour_and_the_whole_range(weights) -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 2, 0).repeat(3, 2)
    made = planes((2, 256))
    yuv.halve_colours(np.ascontiguousarray(greys), *weights, made)
    assert (made[0][0, 0], made[0][0, 255]) == (16, 235)
    assert set(np.unique(made[1])) | set(np.unique(made[2])) == {128}


@pytest.mark.skipif(not COMPILED, reason="the compiled kernels need the extra 'fast'")
@pytest.mark.parametrize("weights", [BT709, BT601])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_kernel_when_any_picture_then_equals_the_fallback(size, weights, seed, monkeypatch) -> None:
    yuv.KERNELS.warm()
    pixels = picture(size, seed)
    first, second = planes(size, more=5), planes(size, more=5)
    yuv.halve_colours(pixels, *weights, first)
    monkeypatch.setattr(yuv.KERNELS, "ready", lambda: None)
    yuv.halve_colours(pixels, *weights, second)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)

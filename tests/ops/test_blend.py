import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from pixelwise.ops import blend
from pixelwise.ops.blocks import Coarse
from pixelwise.ops.compiled import COMPILED

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 40))
NO_NUMBA = "the compiled kernels need the extra 'fast'"


def scene(
    size: tuple[int, int], seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    generator = np.random.default_rng(seed)
    onto, pixels = generator.integers(0, 256, (2, *size, 3), dtype=np.uint8)
    alpha = np.repeat(generator.choice([0, 0, 255, 255, 1, 127, 254], size), 1).reshape(size)
    return onto, pixels, alpha.astype(np.uint8)


def test_paste_when_alpha_is_zero_half_and_full_then_left_mixed_and_taken() -> None:
    onto = np.full((1, 3, 3), 100, np.uint8)
    blend.paste(onto, np.full((1, 3, 3), 200, np.uint8), np.array([[0, 128, 255]], np.uint8))
    assert onto[0, :, 1].tolist() == [100, 150, 200]


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 99))
def test_paste_when_any_scene_then_the_rounded_sum(size: tuple[int, int], seed: int) -> None:
    onto, pixels, alpha = scene(size, seed)
    share = alpha[..., np.newaxis] / 255
    expected = np.rint(pixels * share + onto * (1 - share))
    blend.paste(onto, pixels, alpha)
    assert np.abs(onto - expected).max() <= 0.5


@pytest.mark.skipif(not COMPILED, reason=NO_NUMBA)
@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 99))
def test_kernel_when_any_scene_then_equals_the_fallback(size: tuple[int, int], seed: int) -> None:
    from pixelwise.ops import blend_kernels

    first, pixels, alpha = scene(size, seed)
    second = first.copy()
    blend_kernels.blend(first.reshape(-1), pixels.reshape(-1), alpha.reshape(-1))
    blend._blend(second.reshape(-1), pixels.reshape(-1), alpha.reshape(-1))
    assert np.array_equal(first, second)


@pytest.mark.skipif(not COMPILED, reason=NO_NUMBA)
@settings(max_examples=60, deadline=None)
@given(SIZES, st.sampled_from([1, 2, 4, 8, 16]), st.sampled_from([1, 3]), st.integers(0, 99))
def test_paste_before_when_compiled_or_not_then_equals_growing_and_pasting(
    size: tuple[int, int], factor: int, channels: int, seed: int
) -> None:
    blend.KERNELS.warm()
    _, pixels, alpha = scene(size, seed)
    pixels = pixels[..., :channels]
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 40, channels), dtype=np.uint8)
    behind = Coarse(blocks, factor, size)
    expected = behind._grown() if factor > 1 else blocks[: size[0], : size[1]].copy()
    assert np.array_equal(behind.grown(), expected)
    flat = np.ascontiguousarray(pixels).reshape(-1)
    blend._blend(expected.reshape(-1), flat, alpha.reshape(-1))
    assert np.array_equal(blend.paste_before(behind, pixels, alpha), expected)


def test_paste_when_foreground_is_a_view_then_it_is_read_right_and_untouched() -> None:
    pixels = np.arange(2 * 8 * 3, dtype=np.uint8).reshape(2, 8, 3)[:, ::2]
    kept = pixels.copy()
    onto = np.zeros((2, 4, 3), np.uint8)
    blend.paste(onto, pixels, np.full((2, 8), 255, np.uint8)[:, ::2])
    assert np.array_equal(onto, kept)
    assert np.array_equal(pixels, kept)


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.uint8, (3, 5, 3)), st.integers(0, 255))
def test_paste_when_both_are_equal_then_nothing_changes(
    pixels: NDArray[np.uint8], level: int
) -> None:
    onto = pixels.copy()
    blend.paste(onto, pixels, np.full((3, 5), level, np.uint8))
    assert np.array_equal(onto, pixels)

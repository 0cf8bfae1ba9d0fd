import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelwise.ops.filters import box_mean, box_moments, gaussian, gradients, laplacian

SIZES = [(11, 14), (5, 9, 8), (1, 7), (6, 1), (1, 1)]


def noise(size: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(len(size)).uniform(0, 200, size).astype(np.float32)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("radius", [1, 3])
def test_box_mean_when_compared_then_is_the_one_of_scipy(size: tuple[int, ...], radius: int):
    values = noise(size)
    theirs = ndimage.uniform_filter(values.astype(np.float64), 2 * radius + 1, mode="mirror")
    assert np.allclose(box_mean(values, radius), theirs, atol=1e-3)


@given(seed=st.integers(0, 999), radius=st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_moments_when_uint8_then_right(seed: int, radius: int):
    values = np.random.default_rng(seed).integers(0, 256, (9, 10)).astype(np.uint8)
    padded = np.pad(values.astype(np.float64), radius, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1,) * 2)
    mean, deviation = box_moments(values, radius)
    assert np.allclose(mean, windows.mean(axis=(-1, -2)), atol=1e-3)
    assert np.allclose(deviation, windows.std(axis=(-1, -2)), atol=0.02)


@pytest.mark.parametrize("size", SIZES)
def test_gaussian_when_compared_then_is_the_one_of_scipy(size: tuple[int, ...]):
    values = noise(size)
    theirs = ndimage.gaussian_filter(values.astype(np.float64), 1.5, mode="mirror", truncate=4)
    assert np.allclose(gaussian(values, 1.5), theirs, atol=1e-3)


def test_gaussian_when_sigma_is_0_then_nothing_changes():
    assert np.array_equal(gaussian(noise((4, 5)), 0), noise((4, 5)))


@pytest.mark.parametrize("size", [(11, 14), (5, 9, 8)])
def test_laplacian_when_compared_then_is_the_one_of_scipy(size: tuple[int, ...]):
    theirs = ndimage.laplace(noise(size).astype(np.float64), mode="mirror")
    assert np.allclose(laplacian(noise(size)), theirs, atol=1e-2)


@pytest.mark.parametrize("size", SIZES)
def test_gradients_when_inside_then_are_those_of_numpy(size: tuple[int, ...]):
    for axis, slope in enumerate(gradients(noise(size))):
        if size[axis] > 2:
            inside = [slice(None)] * len(size)
            inside[axis] = slice(1, -1)
            theirs = np.gradient(noise(size), axis=axis)
            assert np.allclose(slope[tuple(inside)], theirs[tuple(inside)], atol=1e-3)
        else:
            assert not slope.any()

import numpy as np
import pytest
from scipy import ndimage
from skimage.segmentation import morphsnakes

from pixelwise.ops.levelset import grow, shrink, smooth

SIZES = [(13, 15), (7, 8, 9)]


@pytest.mark.parametrize("size", SIZES)
def test_grow_when_compared_then_is_the_one_of_scipy(size: tuple[int, ...]):
    mask = np.random.default_rng(0).random(size) < 0.1
    full = np.ones((3,) * len(size))
    assert np.array_equal(grow(mask), ndimage.binary_dilation(mask, full))
    assert np.array_equal(shrink(~mask), ~grow(mask))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_smooth_when_inside_the_picture_then_is_the_one_of_scikit_image(
    size: tuple[int, ...], seed: int
):
    mask = np.zeros(size, bool)
    inside = tuple(slice(3, -3) for _ in size)
    mask[inside] = np.random.default_rng(seed).random(mask[inside].shape) < 0.7
    theirs = morphsnakes.inf_sup(morphsnakes.sup_inf(mask.astype(np.int8)))
    assert np.array_equal(smooth(mask, 1), theirs.astype(bool))


def test_smooth_when_a_straight_border_then_nothing_moves():
    mask = np.zeros((9, 9), bool)
    mask[:, :4] = True
    assert np.array_equal(smooth(mask, 5), mask)


def test_smooth_when_a_square_then_rounds_its_corners():
    mask = np.zeros((20, 20), bool)
    mask[4:16, 4:16] = True
    smoothed = smooth(mask, 4)
    assert not smoothed[4, 4]
    assert smoothed[4, 10]

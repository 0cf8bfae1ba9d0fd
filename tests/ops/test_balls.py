"""Morphology in millimetres against scipy with the same ball."""

import numpy as np
import pytest
from scipy import ndimage

from pixelwise.ops.balls import closed, dilated, opened


def ball(radius, spacing):
    reach = [int(radius / step) for step in spacing]
    axes = [np.arange(-r, r + 1) * s for r, s in zip(reach, spacing, strict=True)]
    grid = np.meshgrid(*axes, indexing="ij")
    return sum(axis**2 for axis in grid) <= radius**2 + 1e-9


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 1.0, 1.0)])
def test_morphology_when_any_mask_then_as_scipy(spacing):
    mask = np.zeros((14, 22, 20), bool)
    mask[4:-4, 6:-6, 6:-6] = np.random.default_rng(1).random((6, 10, 8)) > 0.6
    shape = ball(2.0, spacing)
    assert np.array_equal(dilated(mask, 2.0, spacing), ndimage.binary_dilation(mask, shape))
    assert np.array_equal(closed(mask, 2.0, spacing), ndimage.binary_closing(mask, shape))
    assert np.array_equal(
        opened(mask, 1.0, spacing), ndimage.binary_opening(mask, ball(1, spacing))
    )


def test_morphology_when_empty_or_full_then_the_same():
    for mask in (np.zeros((3, 3, 3), bool), np.ones((3, 3, 3), bool)):
        for work in (closed, opened, dilated):
            assert np.array_equal(work(mask, 2.0, (1, 1, 1)), mask)

import numpy as np
import pytest
from skimage import data
from skimage.segmentation import quickshift

from pixelwise.ops import quickshift as module
from pixelwise.ops.colour import lab
from pixelwise.ops.quickshift import density_trees


def rival(colours: np.ndarray, kernel_size: float, max_distance: float) -> np.ndarray:
    return quickshift(
        colours, kernel_size=kernel_size, max_dist=max_distance, ratio=1, rng=0, convert2lab=False
    )


@pytest.mark.parametrize("kernel_size", [1, 2.5])
@pytest.mark.parametrize("max_distance", [2, 6, 40])
def test_trees_when_a_photograph_then_are_those_of_scikit_image(
    kernel_size: float, max_distance: float
):
    colours = lab(data.astronaut()[60:140:2, 180:270:2]).astype(np.float64) * 0.5
    ours = density_trees(colours, kernel_size, max_distance)
    assert np.array_equal(ours - 1, rival(colours, kernel_size, max_distance))


def test_trees_when_all_is_even_then_ties_are_those_of_scikit_image():
    colours = np.zeros((13, 17, 1))
    colours[4:9, 5:11] = 20
    assert np.array_equal(density_trees(colours, 2, 10) - 1, rival(colours, 2, 10))


def test_trees_when_numba_is_absent_then_are_the_same(monkeypatch: pytest.MonkeyPatch):
    colours = lab(data.astronaut()[:30, :40]).astype(np.float64)
    compiled = density_trees(colours, 2, 10)
    monkeypatch.setattr(module, "COMPILED", False)
    assert np.array_equal(density_trees(colours, 2, 10), compiled)

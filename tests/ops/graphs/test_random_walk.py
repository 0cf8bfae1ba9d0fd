import numpy as np
import pytest
from skimage.segmentation import random_walker

from pixelwise.ops.graphs.random_walk import edge_weights, walker_labels


def _scene(shape, seed=0):
    generator = np.random.default_rng(seed)
    grids = np.meshgrid(*[np.linspace(-1, 1, side) for side in shape], indexing="ij")
    ball = sum(grid**2 for grid in grids) < 0.4
    return (0.3 + 0.4 * ball + generator.normal(0, 0.1, shape)).astype(np.float32)


@pytest.mark.parametrize("shape", [(50, 60), (12, 20, 22), (63, 41)])
def test_walker_labels_when_compared_with_skimage_then_nearly_all_are_equal(shape):
    values = _scene(shape)
    seeds = np.zeros(shape, np.int32)
    seeds[tuple(side // 2 for side in shape)] = 1
    seeds[(1,) * len(shape)] = 2
    seeds[tuple(side - 2 for side in shape)] = 3
    weights = edge_weights(values[..., np.newaxis], 90.0, (1.0,) * len(shape))
    expected = random_walker(values.astype(np.float64), seeds, beta=90, mode="bf")
    assert (walker_labels(weights, seeds) == expected).mean() > 0.995


def test_edge_weights_when_the_step_is_longer_then_difference_counts_less():
    values = np.array([[[0.0], [0.5]]], np.float32)
    near, far = (edge_weights(values, 10.0, (1.0, step))[1][0, 0] for step in (1.0, 3.0))
    assert 0 < near < far < 1


def test_walker_labels_when_all_is_seeded_then_seeds_are_the_answer():
    seeds = np.array([[1, 2], [3, 1]], np.int32)
    weights = edge_weights(np.zeros((2, 2, 1), np.float32), 10.0, (1.0, 1.0))
    assert walker_labels(weights, seeds).tolist() == seeds.tolist()

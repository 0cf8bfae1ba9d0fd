from itertools import pairwise

import cv2
import numpy as np
import pytest

from pixelwise.ops.contour_strength import contour_strength
from pixelwise.ops.contour_tree import RegionTree, region_tree
from pixelwise.ops.graphs.merging import Merges


@pytest.fixture(scope="module")
def quarters() -> np.ndarray:
    """Four quarters in Lab with noise; the left two differ less than the right two."""
    colours = np.zeros((60, 80, 3), np.float32)
    colours[:30, :40], colours[30:, :40] = (40, 0, 0), (60, 0, 0)
    colours[:30, 40:], colours[30:, 40:] = (50, 60, 0), (50, -50, 0)
    return colours + np.random.default_rng(0).normal(0, 1, colours.shape).astype(np.float32)


@pytest.fixture(scope="module")
def tree(quarters: np.ndarray) -> RegionTree:
    return region_tree(contour_strength(quarters), quarters)


def test_tree_when_cut_for_four_then_the_quarters(tree):
    labels = tree.cut(tree.merges.heights[-4])

    assert labels.max() == 4
    quarters = [labels[3:27, 3:37], labels[33:57, 3:37], labels[3:27, 43:77], labels[33:57, 43:77]]
    assert all((part == part[0, 0]).all() for part in quarters)
    assert len({int(part[0, 0]) for part in quarters}) == 4


def test_tree_when_cut_for_three_then_the_least_contrast_went_first(tree):
    labels = tree.cut(tree.merges.heights[-3])

    assert labels[5, 5] == labels[55, 5]
    assert labels[5, 75] != labels[55, 75]


def test_tree_when_cut_higher_then_regions_are_nested(tree):
    heights = tree.merges.heights[[5, len(tree.merges.heights) // 2, -5, -1]]
    cuts = [tree.cut(height) for height in heights]

    for fine, coarse in pairwise(cuts):
        pairs = np.unique(np.stack([fine.ravel(), coarse.ravel()]), axis=1)
        assert len(np.unique(pairs[0])) == pairs.shape[1]
    assert cuts[-1].max() == 1


@pytest.mark.parametrize("place", [3, 6, -3])
def test_contours_when_thresholded_then_they_part_the_same_regions_as_the_cut(tree, place):
    height = tree.merges.heights[place]
    below = (tree.contours() <= height).astype(np.uint8)

    count, parts = cv2.connectedComponents(below, connectivity=4)
    cut, labels = tree.cut(height), parts[1::2, 1::2]

    pairs = np.unique(np.stack([cut.ravel(), labels.ravel()]), axis=1)
    assert pairs.shape[1] == cut.max() == len(np.unique(labels))
    assert count >= cut.max()


def test_contours_when_basins_are_given_then_height_of_the_common_ancestor():
    labels = np.array([[1, 2, 3]], np.int32)
    merges = Merges(np.array([[2, 3], [2, 1]], np.int32), np.array([0.5, 2.0]))

    contours = RegionTree(labels, merges).contours()

    assert contours[1].tolist() == [0, 0, 2.0, 0, 0.5, 0, 0]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (9, 1, 3), (2, 2, 3), (30, 40, 3)])
def test_tree_when_constant_then_one_region(shape):
    colours = np.full(shape, 50, np.float32)

    tree = region_tree(contour_strength(colours), colours)

    assert tree.labels.max() == 1
    assert tree.cut(1.0).tolist() == np.ones(shape[:2]).tolist()

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.methods.edges.contour_hierarchy import (
    LARGEST,
    ContourHierarchy,
    contour_map,
    contour_tree,
    height_of,
)


def scene(height: int, width: int) -> np.ndarray:
    """A red disc and a textured square on grey, with noise."""
    y, x = np.mgrid[:height, :width] / height
    pixels = np.full((height, width, 3), 120.0)
    pixels[(y - 0.5) ** 2 + (x - 0.4) ** 2 < 0.04] = (200, 40, 40)
    square = (abs(y - 0.5) < 0.2) & (abs(x - 1.0) < 0.2)
    checks = 120 + 60 * np.sign(np.sin(y * 60) * np.sin(x * 60))
    pixels[square] = checks[square][:, np.newaxis]
    noise = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def overlap(labels: np.ndarray, truth: np.ndarray) -> float:
    """Return the best intersection over union of one thing."""
    shared = np.bincount(labels[truth], minlength=labels.max() + 1)
    return float((shared / (np.bincount(labels.ravel()) + truth.sum() - shared)).max())


def test_hierarchy_when_colour_and_texture_differ_then_both_things_are_found():
    height, width = 120, 180
    y, x = np.mgrid[:height, :width] / height

    labels = ContourHierarchy(scale=0.3)(Image(scene(height, width))).labels

    assert overlap(labels, (y - 0.5) ** 2 + (x - 0.4) ** 2 < 0.04) > 0.9
    assert overlap(labels, (abs(y - 0.5) < 0.2) & (abs(x - 1.0) < 0.2)) > 0.8


def test_hierarchy_when_the_scale_grows_then_regions_only_merge():
    image = Image(scene(90, 130))
    maps = [ContourHierarchy(scale=scale)(image).labels for scale in (0, 0.3, 0.6, 1)]

    for fine, coarse in pairwise(maps):
        pairs = np.unique(np.stack([fine.ravel(), coarse.ravel()]), axis=1)
        assert pairs.shape[1] == fine.max()


def test_contour_map_when_thresholded_at_a_scale_then_the_regions_of_that_scale():
    pixels = scene(60, 90)
    tree = contour_tree(pixels)
    contours = contour_map(tree)

    for scale in (0.25, 0.5):
        parts = cv2.connectedComponents((contours <= scale).astype(np.uint8), connectivity=4)[1]
        labels = ContourHierarchy(scale=scale)(Image(pixels)).labels
        pairs = np.unique(np.stack([parts[1::2, 1::2].ravel(), labels.ravel()]), axis=1)
        assert pairs.shape[1] == labels.max()


def test_hierarchy_when_larger_than_it_works_at_then_borders_still_lie_on_the_edge():
    height, width = 600, 900
    assert height * width > LARGEST
    pixels = np.full((height, width, 3), 60, np.uint8)
    pixels[200:400, 300:650] = (220, 180, 40)

    labels = ContourHierarchy(scale=0.5)(Image(pixels)).labels

    truth = np.zeros((height, width), bool)
    truth[200:400, 300:650] = True
    assert overlap(labels, truth) > 0.99


def test_height_when_the_scale_grows_then_it_grows():
    heights = [height_of(scale) for scale in np.linspace(0, 1, 21)]

    assert all(low < high for low, high in pairwise(heights))


@pytest.mark.data
def test_hierarchy_when_photographs_are_cut_then_counts_fall_evenly_from_300_to_2(data_dir: Path):
    paths = sorted((data_dir / "bsds500" / "images").glob("*.jpg"))[::5]
    trees = [contour_tree(cv2.imread(str(path))[..., ::-1]) for path in paths]

    scales = (0.0, 0.25, 0.5, 0.75, 1.0)
    for scale in scales:
        counts = [tree.cut(height_of(scale)).max() for tree in trees]
        wanted = 300 * (2 / 300) ** scale
        assert wanted / 2.5 < np.exp(np.mean(np.log(counts))) < wanted * 2.5

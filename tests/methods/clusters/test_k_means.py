import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.methods.clusters.gaussian_mixture import GaussianMixture
from pixelwise.methods.clusters.k_means import KMeans


def islands() -> np.ndarray:
    """Two red islands in blue, and one speck of red."""
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:] = (20, 40, 180)
    pixels[10:50, 10:35] = pixels[10:50, 55:80] = (200, 40, 40)
    pixels[5:7, 45:47] = (200, 40, 40)
    return pixels


SHARP = {"smoothing": 0.0, "tolerance": 0.0}


@pytest.mark.parametrize(
    "make",
    [
        lambda **more: KMeans(clusters=2, **SHARP, **more),
        lambda **more: GaussianMixture(components=2, **SHARP, **more),
    ],
)
def test_clusters_when_connected_then_each_island_is_a_region_and_specks_are_gone(make):
    assert make(connected=False)(Image(islands())).count == 2
    assert make(min_size=0)(Image(islands())).count == 4
    labels = make(min_size=10)(Image(islands())).labels
    assert len(np.unique(labels)) == 3
    assert labels[30, 20] != labels[30, 70]
    assert labels[5, 45] == labels[0, 0]


def test_k_means_when_the_number_is_left_open_then_it_is_the_number_of_colours():
    pixels = islands()
    pixels[40:, :] = (230, 220, 30)

    assert KMeans(clusters=0, connected=False, **SHARP)(Image(pixels)).count == 3


def test_k_means_when_position_counts_then_a_constant_picture_is_parted_by_place():
    grey = Image(np.full((20, 40, 3), 90, np.uint8))

    labels = KMeans(clusters=2, connected=False, position=50)(grey).labels

    assert sorted(np.bincount(labels.ravel())[1:]) == [400, 400]
    assert KMeans(clusters=2, connected=False)(grey).count == 1


def test_k_means_when_texture_counts_then_stripes_part_from_an_even_ground():
    grey = np.full((40, 80), 120, np.uint8)
    grey[:, 40:][:, ::2] = 90
    grey[:, 40:][:, 1::2] = 150

    labels = KMeans(clusters=2, connected=False, texture=3.0, smoothing=0)(Image(grey)).labels

    assert labels[20, 10] != labels[20, 70]
    assert (labels[5:35, 5:30] == labels[20, 10]).all()
    assert (labels[5:35, 50:75] == labels[20, 70]).all()


def test_mixture_when_one_colour_is_wide_then_it_stays_one_where_k_means_cuts_it():
    generator = np.random.default_rng(0)
    lightness = np.where(np.arange(6000) < 5000, generator.normal(150, 30, 6000), 20)
    pixels = np.clip(lightness, 0, 255).astype(np.uint8).reshape(60, 100)

    labels = GaussianMixture(components=2, connected=False, **SHARP)(Image(pixels)).labels

    wide = labels.ravel()[:5000]
    assert np.bincount(wide).max() > 0.97 * 5000
    assert np.bincount(labels.ravel()[5000:]).max() == 1000
    assert labels[-1, -1] != np.bincount(wide).argmax()


def test_mixture_when_the_number_is_left_open_then_it_is_the_number_of_bells():
    generator = np.random.default_rng(0)
    levels = np.concatenate([generator.normal(mean, 6, 4000) for mean in (40, 120, 210)])
    pixels = np.clip(levels, 0, 255).astype(np.uint8).reshape(100, 120)

    assert GaussianMixture(components=0, connected=False, **SHARP)(Image(pixels)).count == 3

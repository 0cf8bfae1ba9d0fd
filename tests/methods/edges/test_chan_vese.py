import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data
from skimage.segmentation import morphological_chan_vese

from pixelwise.core import Image
from pixelwise.methods.edges.chan_vese import ChanVese, two_flat_parts
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.sides import Side


def energy(values: np.ndarray, bright: np.ndarray, smoothness: float) -> float:
    """What Chan and Vese make least, in the units of our setting; length by a fine blur."""
    values = values.astype(np.float64)
    means = values[bright].mean(), values[~bright].mean()
    fit = ((values - np.where(bright, *means)) ** 2).sum() / (means[0] - means[1]) ** 2
    rest = gaussian_filter((~bright).astype(np.float64), 1.0, mode="mirror")
    return float(fit + smoothness * np.sqrt(2 * np.pi) * (rest * bright).sum())


def noisy_disc(noise: float) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:80, :90]
    disc = np.hypot(rows - 40, columns - 45) < 20
    values = 80 + 90 * disc + np.random.default_rng(0).normal(0, noise, disc.shape)
    return np.clip(values, 0, 255).astype(np.uint8), disc


def test_parts_when_very_noisy_then_found_where_otsu_is_ragged():
    pixels, disc = noisy_disc(60)
    found = ChanVese(smoothness=3)(Image(pixels)).mask
    assert (found & disc).sum() / (found | disc).sum() > 0.9
    plain = pixels > otsu_level(pixels)
    assert (plain & disc).sum() / (plain | disc).sum() < 0.6


@pytest.mark.parametrize("picture", [data.coins, data.camera, data.page])
def test_energy_when_compared_then_is_lower_than_scikit_image_s(picture):
    pixels = picture()[:256:2, :256:2]
    ours = two_flat_parts(pixels[..., np.newaxis].astype(np.float32), 1.0)
    theirs = morphological_chan_vese(pixels / 255.0, 60, smoothing=1).astype(bool)
    assert energy(pixels, ours, 1.0) < energy(pixels, theirs, 1.0)


def test_parts_when_no_smoothness_then_is_two_means():
    pixels = data.coins()
    bright = ChanVese(smoothness=0)(Image(pixels)).mask
    halfway = (pixels[bright].mean() + pixels[~bright].mean()) / 2
    assert np.array_equal(bright, pixels > halfway)


def test_parts_when_smoother_then_the_border_is_shorter():
    pixels = data.coins()[:200, :200]

    def border(smoothness: float) -> int:
        mask = ChanVese(smoothness=smoothness)(Image(pixels)).mask
        return int((mask[:, 1:] != mask[:, :-1]).sum() + (mask[1:] != mask[:-1]).sum())

    assert border(0) > border(1) > border(4)


def test_side_when_darker_then_is_the_rest():
    pixels, _ = noisy_disc(10)
    bright = ChanVese()(Image(pixels)).mask
    assert np.array_equal(ChanVese(side=Side.DARKER)(Image(pixels)).mask, ~bright)
    assert np.array_equal(ChanVese(side=Side.BORDER)(Image(255 - pixels)).mask.sum(), bright.sum())


def test_parts_when_contrast_or_type_changes_then_the_same():
    pixels, _ = noisy_disc(20)
    bright = ChanVese()(Image(pixels)).mask
    assert np.array_equal(ChanVese()(Image(pixels.astype(np.uint16) * 100)).mask, bright)
    assert np.array_equal(ChanVese()(Image(pixels.astype(np.int16) * 2 - 300)).mask, bright)


def test_parts_when_volume_then_found_in_three_axes():
    grid = np.indices((20, 30, 30)) - np.array([10, 15, 15]).reshape(3, 1, 1, 1)
    ball = np.sqrt((grid**2).sum(axis=0)) < 8
    values = 60 + 100 * ball + np.random.default_rng(0).normal(0, 50, ball.shape)
    found = ChanVese(smoothness=1.5)(Image.volume(np.clip(values, 0, 255).astype(np.uint8))).mask
    assert (found & ball).sum() / (found | ball).sum() > 0.9


def test_constant_when_given_then_nothing():
    for side in Side:
        assert ChanVese(side=side)(Image(np.full((9, 9), 3, np.uint8))).is_empty


def test_parts_when_only_the_hue_differs_then_colour_finds_them_and_grey_does_not():
    rows, columns = np.mgrid[:60, :70]
    disc = np.hypot(rows - 30, columns - 35) < 15
    pixels = np.where(disc[..., np.newaxis], (200, 90, 60), (60, 148, 160)).astype(np.float64)
    pixels += np.random.default_rng(0).normal(0, 12, pixels.shape)
    picture = Image(pixels.clip(0, 255).astype(np.uint8))
    by_colour = ChanVese(colour=True, side=Side.BORDER)(picture).mask
    assert (by_colour == disc).mean() > 0.99
    assert (ChanVese(side=Side.BORDER)(picture).mask == disc).mean() < 0.9


def test_parts_when_colours_are_constant_then_there_is_no_foreground():
    assert ChanVese(colour=True)(Image(np.full((5, 5, 3), (9, 80, 7), np.uint8))).is_empty

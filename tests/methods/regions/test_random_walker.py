import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Prompts, Regions, Scribble
from pixelwise.methods.regions import random_walker as module
from pixelwise.methods.regions.random_walker import RandomWalker


def _disc(size=(40, 50), radius=12, noise=10):
    y, x = np.mgrid[: size[0], : size[1]]
    disc = (y - 20) ** 2 + (x - 25) ** 2 <= radius**2
    picture = 80 + 90 * disc + np.random.default_rng(0).normal(0, noise, size)
    return picture.astype(np.uint8), disc


def _overlap(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


def test_random_walker_when_one_click_is_given_then_the_border_is_ground():
    picture, disc = _disc()
    result = RandomWalker(seeds="25,20", beta=400)(Image(picture))
    assert isinstance(result, Foreground)
    assert _overlap(result.mask, disc) > 0.9


def test_random_walker_when_scribbles_have_labels_then_regions_bear_them():
    picture, disc = _disc()
    strokes = (
        Scribble([(20, 20), (30, 20)], 3),
        Scribble([(1, 1), (48, 1)], 6),
        Scribble([(1, 38), (48, 38)], 0),
    )
    result = RandomWalker(prompts=Prompts(scribbles=strokes), beta=400)(Image(picture))
    assert isinstance(result, Regions)
    assert set(np.unique(result.labels)) == {0, 3, 6}
    assert _overlap(result.labels == 3, disc) > 0.85


def test_random_walker_when_numba_is_absent_then_nearly_all_labels_are_equal(monkeypatch):
    picture, _ = _disc()
    image, method = Image(picture), RandomWalker(beta=200)
    compiled = method(image).mask
    monkeypatch.setattr(module, "COMPILED", False)
    assert (method(image).mask == compiled).mean() > 0.995


def test_random_walker_when_a_volume_is_given_then_the_ball_is_found():
    z, y, x = np.mgrid[:16, :20, :20]
    ball = (z - 8) ** 2 + (y - 10) ** 2 + (x - 10) ** 2 <= 30
    result = RandomWalker(beta=500)(Image.volume((60 + 120 * ball).astype(np.uint8)))
    assert _overlap(result.mask, ball) > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 5), (3, 3, 3)])
def test_random_walker_when_the_picture_is_tiny_and_constant_then_it_answers(shape):
    assert RandomWalker()(Image(np.full(shape, 5, np.uint8))).mask.any()


def test_random_walker_when_values_are_nan_then_it_answers():
    picture = np.full((12, 12), np.nan, np.float32)
    assert RandomWalker()(Image(picture)).mask[6, 6]

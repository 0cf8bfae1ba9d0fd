import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.methods.edges.marr_hildreth import MarrHildreth
from pixelwise.ops.components import components
from pixelwise.ops.sides import Side


def discs(size: tuple[int, ...], centres: list[tuple[int, ...]], radius: float) -> np.ndarray:
    grid = np.indices(size)
    mask = np.zeros(size, bool)
    for centre in centres:
        away = grid - np.array(centre).reshape(-1, *[1] * len(size))
        mask |= np.sqrt((away**2).sum(axis=0)) < radius
    return mask


def test_blobs_when_bright_then_found_one_by_one():
    truth = discs((60, 90), [(20, 20), (20, 60), (42, 40)], 9)
    noise = np.random.default_rng(0).normal(0, 3, truth.shape)
    pixels = np.clip(np.where(truth, 180, 50) + noise, 0, 255).astype(np.uint8)
    mask = MarrHildreth(slope=4)(Image(pixels)).mask
    assert components(mask)[1] == 3
    assert (mask & truth).sum() / (mask | truth).sum() > 0.9


def test_blobs_when_dark_then_found_on_that_side():
    truth = discs((50, 50), [(25, 25)], 10)
    pixels = np.where(truth, 40, 200).astype(np.uint8)
    for side in (Side.DARKER, Side.BORDER):
        mask = MarrHildreth(side=side)(Image(pixels)).mask
        assert (mask & truth).sum() / (mask | truth).sum() > 0.85


def test_blobs_when_large_and_flat_then_filled():
    pixels = np.zeros((80, 80), np.uint8)
    pixels[10:70, 10:70] = 150
    mask = MarrHildreth()(Image(pixels)).mask
    assert mask[15:65, 15:65].all()
    assert not mask[:7].any()


def test_blobs_when_volume_then_balls_are_found():
    truth = discs((24, 30, 30), [(12, 15, 15)], 8)
    mask = MarrHildreth()(Image.volume(np.where(truth, 200, 20).astype(np.uint8))).mask
    assert (mask & truth).sum() / (mask | truth).sum() > 0.8


def test_slope_when_higher_than_all_then_nothing():
    pixels = np.zeros((30, 30), np.uint8)
    pixels[10:20, 10:20] = 90
    assert MarrHildreth(slope=200)(Image(pixels)).is_empty


@pytest.mark.parametrize("value", [0, 77])
def test_constant_when_given_then_nothing(value: int):
    assert MarrHildreth()(Image(np.full((20, 20), value, np.uint8))).is_empty

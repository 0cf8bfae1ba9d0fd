import numpy as np
import pytest

from pixelwise.ops import half_disc
from pixelwise.ops.half_disc import DIRECTIONS, half_disc_gradient


def bars(direction: int) -> np.ndarray:
    """Two bins with a straight border in the given direction."""
    y, x = np.mgrid[-20:21, -20:21]
    angle = np.pi * direction / DIRECTIONS
    return (x * np.sin(angle) - y * np.cos(angle) > 0).astype(np.uint8) * 3


@pytest.mark.parametrize("direction", range(DIRECTIONS))
def test_gradient_when_a_border_runs_in_a_direction_then_that_one_is_strongest(direction):
    gradient = half_disc_gradient(bars(direction), 4, 6)

    assert gradient[:, 20, 20].argmax() == direction
    assert gradient[direction, 20, 20] > 0.8


@pytest.mark.parametrize("shape", [(19, 23), (1, 9), (9, 1), (1, 1), (3, 2)])
@pytest.mark.parametrize("ordered", [True, False])
def test_gradient_when_not_compiled_then_the_same_to_the_last_bit(shape, ordered, monkeypatch):
    bins = np.random.default_rng(0).integers(0, 5, shape).astype(np.uint8)
    compiled = half_disc_gradient(bins, 5, 3, ordered=ordered)
    monkeypatch.setattr(half_disc, "COMPILED", False)

    assert np.array_equal(compiled, half_disc_gradient(bins, 5, 3, ordered=ordered))


def test_gradient_when_counted_by_hand_then_chi_square_of_the_halves():
    bins = np.random.default_rng(1).integers(0, 4, (9, 9)).astype(np.uint8)
    y, x = np.mgrid[-2:3, -2:3]
    inside = x**2 + y**2 <= 2.5**2
    window = bins[2:7, 2:7]
    left = np.bincount(window[inside & (x < 0)], minlength=4).astype(float)
    right = np.bincount(window[inside & (x >= 0)], minlength=4).astype(float)
    g, h = left / left.sum(), right / right.sum()
    expected = 0.5 * ((g - h) ** 2 / np.maximum(g + h, 1e-12)).sum()

    gradient = half_disc_gradient(bins, 4, 2, ordered=False)

    assert gradient[DIRECTIONS // 2, 4, 4] == pytest.approx(expected, abs=1e-5)


def test_gradient_when_bins_are_ordered_then_a_near_bin_counts_less_than_a_far_one():
    near, far = bars(4).clip(0, 1), bars(4)

    assert half_disc_gradient(near, 4, 4).max() < half_disc_gradient(far, 4, 4).max()

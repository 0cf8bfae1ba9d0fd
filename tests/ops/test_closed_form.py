"""The matting Laplacian: a matrix that is never made, and what it solves for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.closed_form import laplacian, matte


def colours(height=7, width=9, seed=0):
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


def by_hand(pixels, smoothness=1e-5):
    """Return the matrix (N, N), window by window as the paper writes it."""
    height, width = pixels.shape[:2]
    made = np.zeros((height * width, height * width))
    for y, x in np.ndindex(max(0, height - 2), max(0, width - 2)):
        inside = [row * width + column for row in range(y, y + 3) for column in range(x, x + 3)]
        own = pixels.reshape(-1, 3)[inside].astype(np.float64)
        off = own - own.mean(axis=0)
        spread = off.T @ off / len(inside) + smoothness * np.eye(3)
        share = (1 + off @ np.linalg.inv(spread) @ off.T) / len(inside)
        made[np.ix_(inside, inside)] += np.eye(len(inside)) - share
    return made


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 12), st.integers(1, 12))
def test_laplacian_when_some_rows_are_wanted_then_those_of_the_whole_matrix(seed, height, width):
    random = np.random.default_rng(seed)
    pixels = random.random((height, width, 3)).astype(np.float32)
    wanted = random.random((height, width)) < 0.4
    alpha = random.random(height * width)
    made = laplacian(pixels, wanted)

    assert made.shape == (np.count_nonzero(wanted), height * width)
    assert made @ alpha == pytest.approx((by_hand(pixels) @ alpha)[wanted.reshape(-1)], abs=1e-3)


def test_laplacian_when_alpha_is_a_line_of_the_colours_then_nothing():
    pixels = colours()
    alpha = (pixels @ np.float32([0.3, -0.8, 0.6]) + np.float32(0.2)).reshape(-1)

    assert np.abs(laplacian(pixels, np.ones((7, 9), bool)) @ alpha).max() < 0.01


def test_matte_when_two_colours_mix_then_their_share():
    """A blurred square of one colour on another; all that is known is far inside and outside."""
    y, x = np.mgrid[:60, :60]
    truth = np.clip((22 - np.maximum(abs(y - 30), abs(x - 30))) / 8, 0, 1).astype(np.float32)
    pixels = truth[..., np.newaxis] * np.float32([0.8, 0.3, 0.2]) + (
        1 - truth[..., np.newaxis]
    ) * np.float32([0.1, 0.5, 0.6])
    unknown = (truth > 0) & (truth < 1)
    guess = np.where(unknown, np.float32(0.5), truth)

    assert np.abs(matte(pixels, guess, unknown) - truth).max() < 0.03


def test_matte_when_all_is_known_then_as_it_was():
    alpha = np.float32([[0, 1], [1, 0]])
    assert np.array_equal(matte(colours(2, 2), alpha, np.zeros((2, 2), bool)), alpha)


def test_matte_when_called_then_what_is_known_stays_and_the_input_too():
    alpha = np.random.default_rng(2).random((7, 9)).astype(np.float32)
    unknown, kept = np.eye(7, 9) > 0, alpha.copy()
    made = matte(colours(), alpha, unknown)

    assert np.array_equal(made[~unknown], alpha[~unknown])
    assert np.array_equal(alpha, kept)
    assert 0 <= made.min() <= made.max() <= 1

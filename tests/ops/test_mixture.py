import numpy as np
import pytest

from pixelwise.ops.kmeans import Summary, summarise
from pixelwise.ops.mixture import fit_mixture


def test_mixture_when_two_bells_of_unlike_width_then_shares_means_and_spreads_are_found():
    generator = np.random.default_rng(0)
    wide = generator.normal(0, 1, (6000, 2)) * (20, 4)
    narrow = generator.normal(0, 3, (2000, 2)) + np.array([90, 40])
    points = np.vstack([wide, narrow]).astype(np.float32)

    mixture, _ = fit_mixture(summarise(points), 2)
    order = np.argsort(mixture.means[:, 0])

    assert mixture.shares[order] == pytest.approx([0.75, 0.25], abs=0.01)
    assert mixture.means[order] == pytest.approx(np.array([[0, 0], [90, 40]]), abs=1)
    covariance = mixture.roots[order[0]] @ mixture.roots[order[0]].T
    assert np.sqrt(np.diag(covariance)) == pytest.approx([20, 4], rel=0.06)


def test_mixture_when_weights_double_a_point_then_as_if_it_were_there_twice():
    points = np.array([[0.0], [4.0], [50.0], [60.0]])
    weighted, fit = fit_mixture(Summary(points, np.array([2.0, 1, 1, 2])), 2)
    repeated, again = fit_mixture(Summary(points[[0, 0, 1, 2, 3, 3]], np.ones(6)), 2)

    assert weighted.means == pytest.approx(repeated.means, abs=1e-6)
    assert fit == pytest.approx(again)

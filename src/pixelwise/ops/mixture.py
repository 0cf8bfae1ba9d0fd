"""Mixtures of Gaussians by expectation and maximisation on weighted points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.kmeans import Summary, kmeans
from pixelwise.ops.progress import steps

__all__ = ["Mixture", "choose_components", "fit_mixture", "most_likely"]

ROUNDS = 60
SETTLED = 1e-5
"""A round that raises the mean log-likelihood by less is the last."""
INDEPENDENT = 64
"""Neighbouring pixels are alike: so many count as one where the number of parts is chosen."""


class Mixture(NamedTuple):
    """Gaussians with their shares.

    Args:
        shares: (K,) float64, sum one.
        means: (K, D) float64.
        roots: (K, D, D) float64, Cholesky factors of the covariances.
    """

    shares: NDArray[np.float64]
    means: NDArray[np.float64]
    roots: NDArray[np.float64]


def fit_mixture(
    summary: Summary, count: int, *, floor: float = 1.0, seed: int = 0
) -> tuple[Mixture, float]:
    """Return the mixture and the mean log-likelihood of a point.

    Args:
        summary: Points with weights.
        count: Number of Gaussians, 1 or more; fewer where fewer points differ.
        floor: Added to the variances, so that none collapses on one colour.
        seed: Chooses the start, which is k-means.

    Source:
        A. Dempster, N. Laird, D. Rubin, "Maximum Likelihood from Incomplete Data via the EM
        Algorithm", 1977.

    >>> two = Summary(np.array([[0.0], [1.0], [50.0], [51.0]]), np.ones(4))
    >>> fit_mixture(two, 2)[0].means.round(3).tolist()
    [[0.5], [50.5]]
    """
    start = kmeans(summary.points.astype(np.float32), count, seed=seed, summary=summary)
    duty = np.eye(len(start.centres))[start.labels]
    before = -np.inf
    for _ in range(ROUNDS):
        mixture = _maximised(summary, duty, floor)
        logs = _log_densities(summary.points, mixture)
        top = logs.max(axis=1, keepdims=True)
        duty = np.exp(logs - top)
        sums = duty.sum(axis=1, keepdims=True)
        duty /= sums
        fit = float(np.average((top + np.log(sums))[:, 0], weights=summary.weights))
        if fit - before < SETTLED:
            break
        before = fit
    return mixture, fit


def choose_components(summary: Summary, most: int = 10, *, seed: int = 0) -> int:
    """Return the number of Gaussians, 1 to ``most``, with the least Bayes information criterion.

    That is ``p log n - 2 log L`` with p free numbers and n independent pixels, one in 64.

    Source:
        G. Schwarz, "Estimating the Dimension of a Model", 1978.

    >>> choose_components(Summary(np.array([[0.0], [1.0], [90.0], [91.0]]), np.full(4, 9e3)))
    2
    """
    size = summary.points.shape[1]
    independent = max(summary.weights.sum() / INDEPENDENT, 2.0)
    scores = []
    for count in steps(range(1, min(most, len(summary.points)) + 1)):
        _, fit = fit_mixture(summary, count, seed=seed)
        free = count * (1 + size + size * (size + 1) / 2) - 1
        scores.append(free * np.log(independent) - 2 * fit * independent)
    return int(np.argmin(scores)) + 1


def most_likely(points: NDArray[np.float32], mixture: Mixture) -> NDArray[np.int32]:
    """Return the Gaussian, 0..K-1, that each point (N, D) most likely comes from, (N,) int32."""
    labels = np.empty(len(points), np.int32)
    step = 65536
    for start in steps(range(0, len(points), step)):
        part = points[start : start + step].astype(np.float64)
        labels[start : start + step] = _log_densities(part, mixture).argmax(axis=1)
    return labels


def _maximised(summary: Summary, duty: NDArray[np.float64], floor: float) -> Mixture:
    """Return the Gaussians that explain best what each is on duty for."""
    heavy = duty * summary.weights[:, np.newaxis]
    totals = np.maximum(heavy.sum(axis=0), 1e-12)
    means = heavy.T @ summary.points / totals[:, np.newaxis]
    size = summary.points.shape[1]
    roots = np.empty((len(means), size, size))
    for k, mean in enumerate(means):
        away = summary.points - mean
        spread = (away * heavy[:, k : k + 1]).T @ away / totals[k]
        roots[k] = np.linalg.cholesky(spread + floor * np.eye(size))
    return Mixture(totals / totals.sum(), means, roots)


def _log_densities(points: NDArray[np.float64], mixture: Mixture) -> NDArray[np.float64]:
    """Return log(share x density) of each point for each Gaussian, (N, K)."""
    logs = np.empty((len(points), len(mixture.means)))
    constant = np.log(2 * np.pi) * points.shape[1] / 2
    for k, (share, mean, root) in enumerate(zip(*mixture, strict=True)):
        away = (points - mean) @ np.linalg.inv(root).T
        volume = np.log(np.diag(root)).sum()
        logs[:, k] = np.log(share) - volume - constant - (away**2).sum(axis=1) / 2
    return logs

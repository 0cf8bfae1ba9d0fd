"""Error bars and tests by resampling pictures.

Source:
    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993 (percentile interval);
    E. Noreen, "Computer-Intensive Methods for Testing Hypotheses", 1989 (paired randomisation).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.evaluation.metric import Metric, Sample, Values

__all__ = ["Difference", "Interval", "Intervals", "difference", "intervals", "resamples"]

_BLOCK = 64  # resamples worked on at once, which bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a score lies with 95 % confidence; NaN for fewer than two pictures."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """The interval of a metric and of each of its classes."""

    overall: Interval
    by_class: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Second prediction minus first, on the same pictures.

    Args:
        metric: Name of the metric.
        value: Difference of the scores.
        low: Lower end of its bootstrap 95 % interval.
        high: Upper end.
        p_value: How often pictures whose two predictions are swapped at random differ as much:
            two-sided, (1 + hits) / (1 + rounds).
    """

    metric: str
    value: float
    low: float
    high: float
    p_value: float


def resamples(pictures: int, draws: int, seed: int = 0) -> NDArray[np.float64]:
    """Return how often each picture occurs in each bootstrap draw, (draws, pictures) float64.

    >>> resamples(5, 3).sum(axis=1).tolist()
    [5.0, 5.0, 5.0]
    """
    generator = np.random.default_rng(seed)
    share = np.full(pictures, 1 / pictures)
    return generator.multinomial(pictures, share, size=draws).astype(np.float64)


def intervals(metric: Metric, sample: Sample, draws: int = 1000, seed: int = 0) -> Intervals:
    """Return bootstrap 95 % intervals over the pictures of a sample."""
    if len(sample.names) < 2 or draws < 1:
        none = Interval(float("nan"), float("nan"))
        return Intervals(none, (none,) * len(sample.classes))
    drawn = _values(metric, sample, resamples(len(sample.names), draws, seed))
    by_class = tuple(_interval(column) for column in drawn.by_class.T)
    return Intervals(_interval(drawn.overall), by_class)


def difference(
    metric: Metric, first: Sample, second: Sample, draws: int = 1000, seed: int = 0
) -> Difference:
    """Compare two predictions of the same pictures, in the same order."""
    both = first.joined(second)
    pictures = len(first.names)
    zeros, ones = np.zeros((1, pictures)), np.ones((1, pictures))
    drawn = resamples(pictures, draws, seed)
    nothing = np.zeros_like(drawn)
    swaps = np.random.default_rng(seed + 1).integers(0, 2, drawn.shape).astype(np.float64)

    def gap(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        kept, taken = np.hstack([left, right]), np.hstack([right, left])
        return _values(metric, both, taken).overall - _values(metric, both, kept).overall

    value = float(gap(ones, zeros)[0])
    spread = _interval(gap(drawn, nothing))
    chance = gap(swaps, 1 - swaps)
    hits = int(np.count_nonzero(np.abs(chance) >= abs(value) - 1e-12))
    return Difference(metric.name, value, spread.low, spread.high, (1 + hits) / (1 + draws))


def _values(metric: Metric, sample: Sample, weights: NDArray[np.float64]) -> Values:
    blocks = [
        sample.values(metric, weights[start : start + _BLOCK])
        for start in range(0, len(weights), _BLOCK)
    ]
    return Values(
        np.concatenate([block.overall for block in blocks]),
        np.concatenate([block.by_class for block in blocks]),
    )


def _interval(values: NDArray[np.float64]) -> Interval:
    known = values[~np.isnan(values)]
    if known.size == 0:
        return Interval(float("nan"), float("nan"))
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(low), float(high))

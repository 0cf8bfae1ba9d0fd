"""k-means that looks at most points only a few times: a summary first, then exact rounds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["Clusters", "Summary", "choose_count", "kmeans", "nearest_two", "summarise"]

BITS = 5
"""Bits a channel of the histogram that sums up points of up to three channels."""
SAMPLE = 20_000
"""Points that stand for the rest where there are more channels than a histogram can hold."""
STARTS = 3
ROUNDS = 40
EXACT_ROUNDS = 3
SETTLED = 1e-3
"""A round that lowers the inertia by a smaller share than this is the last."""


class Summary(NamedTuple):
    """Fewer points that stand for many.

    Args:
        points: (M, D) float64, the mean of those that each stands for.
        weights: (M,) float64, how many those are.
    """

    points: NDArray[np.float64]
    weights: NDArray[np.float64]


class Clusters(NamedTuple):
    """What k-means found.

    Args:
        centres: (K, D) float64, in the order of their first channel.
        labels: (N,) int32, 0..K-1, the nearest centre of each point.
        inertia: Squared distances to the nearest centre, summed over the points.
    """

    centres: NDArray[np.float64]
    labels: NDArray[np.int32]
    inertia: float


def kmeans(
    points: NDArray[np.float32], count: int, *, seed: int = 0, summary: Summary | None = None
) -> Clusters:
    """Return ``count`` clusters of points, fewer where fewer points differ.

    The centres that minimise the summed squared distance of the points to their nearest one:
    the best of three starts (greedy k-means++) on a summary of the points, a histogram of 5 bits a
    channel whose cells keep their exact weight and mean; then Lloyd's rounds on all points.

    Args:
        points: (N, D) float32.
        count: Number of clusters, 1 or more.
        seed: Chooses the starts.
        summary: Of the points, when it was made already.

    Source:
        S. Lloyd, "Least Squares Quantization in PCM", 1982; D. Arthur, S. Vassilvitskii,
        "k-means++: The Advantages of Careful Seeding", SODA 2007.

    >>> kmeans(np.array([[0], [1], [9]], np.float32), 2).centres.tolist()
    [[0.5], [9.0]]
    """
    columns = np.ascontiguousarray(points.T)
    short = summary or summarise(points)
    generator = np.random.default_rng(seed)
    centres = min((_start(short, count, generator) for _ in range(STARTS)), key=lambda s: s[1])[0]
    before = np.inf
    for _ in range(EXACT_ROUNDS):
        labels, inertia, moved = _round(columns, np.ones(0), centres)
        if before - inertia <= SETTLED * inertia:
            break
        before, centres = inertia, moved
    order = np.lexsort(centres.T[::-1])
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    return Clusters(centres[order], rank[labels], inertia)


def summarise(points: NDArray[np.float32]) -> Summary:
    """Return the cells of a histogram of the points, or a sample where channels are many.

    >>> summarise(np.array([[0], [0], [9]], np.float32)).weights.tolist()
    [2.0, 1.0]
    """
    if points.shape[1] > 3:
        step = max(1, len(points) // SAMPLE)
        return Summary(points[::step].astype(np.float64), np.full(len(points[::step]), float(step)))
    columns = np.ascontiguousarray(points.T)
    low = columns.min(axis=1)
    scale = (np.float32(2**BITS) - np.float32(1e-3)) / np.maximum(columns.max(axis=1) - low, 1e-9)
    totals = np.zeros((2 ** (BITS * len(columns)), len(columns) + 1))
    (_fill if COMPILED else _fill_plain)(columns, low, scale.astype(np.float32), totals)
    used = totals[totals[:, 0] > 0]
    return Summary(used[:, 1:] / used[:, :1], used[:, 0])


def choose_count(summary: Summary, most: int = 10, *, seed: int = 0) -> int:
    """Return the number of clusters, 2 to ``most``, with the greatest simplified silhouette.

    With a and b the distances of a point to its nearest and second nearest centre, that is the
    mean of ``(b - a) / b``. One cluster only where all points are equal.

    Source:
        E. Hruschka, L. de Castro, R. Campello, "Evolutionary Algorithms for Clustering Gene-
        Expression Data", ICDM 2004.

    >>> choose_count(summarise(np.array([[0], [1], [50], [51], [99], [98]], np.float32)))
    3
    """
    generator = np.random.default_rng(seed)
    best, chosen = -1.0, 1
    for count in range(2, min(most, len(summary.points)) + 1):
        centres, _ = min((_start(summary, count, generator) for _ in range(2)), key=lambda s: s[1])
        near, far = nearest_two(summary.points, centres)
        score = float(np.average(1 - near / np.maximum(far, 1e-12), weights=summary.weights))
        if score > best + 1e-9:
            best, chosen = score, count
    return chosen


def nearest_two(
    points: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distances of each point to its nearest and second nearest centre."""
    if len(centres) < 2:
        return np.zeros(len(points)), np.full(len(points), np.inf)
    squares = ((points[:, np.newaxis] - centres) ** 2).sum(axis=2)
    pair = np.sqrt(np.partition(squares, 1, axis=1)[:, :2])
    return pair[:, 0], pair[:, 1]


def _start(
    summary: Summary, count: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Return centres after Lloyd's rounds from one k-means++ start, and their inertia."""
    columns = np.ascontiguousarray(summary.points.T)
    centres, before = _seeds(summary, count, generator), np.inf
    for _ in range(ROUNDS):
        _, inertia, moved = _round(columns, summary.weights, centres)
        if before - inertia <= SETTLED * inertia / 10:
            break
        before, centres = inertia, moved
    return centres, inertia


def _seeds(summary: Summary, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return points far from each other; of a few candidates the one that helps most."""
    points, weights = summary
    first = points[generator.choice(len(points), p=weights / weights.sum())]
    chosen, distance = [first], ((points - first) ** 2).sum(axis=1)
    while len(chosen) < count and (distance * weights).sum() > 0:
        mass = distance * weights
        picks = generator.choice(len(points), 2 + int(np.log(count)), p=mass / mass.sum())
        options = [np.minimum(distance, ((points - points[k]) ** 2).sum(axis=1)) for k in picks]
        best = int(np.argmin([(option * weights).sum() for option in options]))
        chosen.append(points[picks[best]])
        distance = options[best]
    return np.array(chosen)


@jit
def _fill(
    columns: NDArray[np.float32],
    low: NDArray[np.float32],
    scale: NDArray[np.float32],
    totals: NDArray[np.float64],
) -> None:
    """Add each point to its cell: one, and its values."""
    for j in range(columns.shape[1]):
        cell = 0
        for channel in range(len(columns)):
            level = int((columns[channel, j] - low[channel]) * scale[channel])
            cell = (cell << BITS) + level
        row = totals[cell]
        row[0] += 1
        for channel in range(len(columns)):
            row[channel + 1] += columns[channel, j]


def _fill_plain(
    columns: NDArray[np.float32],
    low: NDArray[np.float32],
    scale: NDArray[np.float32],
    totals: NDArray[np.float64],
) -> None:
    """Do what :func:`_fill` does, a channel at a time."""
    cells = np.zeros(columns.shape[1], np.int64)
    for column, start, factor in zip(columns, low, scale, strict=True):
        cells = (cells << BITS) + ((column - start) * factor).astype(np.int64)
    for place, column in enumerate([np.ones(len(cells)), *columns]):
        totals[:, place] = np.bincount(cells, column, minlength=len(totals))


def _round(
    columns: NDArray[np.floating], weights: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int32], float, NDArray[np.float64]]:
    """Return labels, inertia and the means of one round; no weights: each weighs one."""
    labels = np.empty(columns.shape[1], np.int32)
    totals = np.zeros((len(centres), len(columns) + 2))
    (_assign if COMPILED else _assign_plain)(columns, weights, centres, labels, totals)
    means = centres.copy()
    kept = totals[:, 0] > 0  # an empty cluster stays where it is
    means[kept] = totals[kept, 2:] / totals[kept, :1]
    return labels, float(totals[:, 1].sum()), means


@jit
def _assign(
    columns: NDArray[np.floating],
    weights: NDArray[np.float64],
    centres: NDArray[np.float64],
    labels: NDArray[np.int32],
    totals: NDArray[np.float64],
) -> None:
    """Write the nearest centre of each point; add up weight, inertia and values of each centre."""
    block = 1024
    square, best = np.empty(block, np.float64), np.empty(block, np.float64)
    for start in range(0, len(labels), block):
        stop = min(start + block, len(labels))
        for k in range(len(centres)):
            square[:] = 0
            for channel in range(len(columns)):
                _add_square(columns[channel, start:stop], centres[k, channel], square)
            _keep_nearer(square, k, labels[start:stop], best)
        for j in range(start, stop):
            weight = weights[j] if len(weights) > 0 else 1.0
            row = totals[labels[j]]
            row[0] += weight
            row[1] += best[j - start] * weight
            for channel in range(len(columns)):
                row[channel + 2] += columns[channel, j] * weight


@jit
def _add_square(values: NDArray[np.floating], centre: float, square: NDArray[np.float64]) -> None:
    for j in range(len(values)):
        step = values[j] - centre
        square[j] += step * step


@jit
def _keep_nearer(
    square: NDArray[np.float64], k: int, labels: NDArray[np.int32], best: NDArray[np.float64]
) -> None:
    for j in range(len(labels)):
        nearer = k == 0 or square[j] < best[j]
        labels[j] = k if nearer else labels[j]
        best[j] = square[j] if nearer else best[j]


def _assign_plain(
    columns: NDArray[np.floating],
    weights: NDArray[np.float64],
    centres: NDArray[np.float64],
    labels: NDArray[np.int32],
    totals: NDArray[np.float64],
) -> None:
    """Do what :func:`_assign` does, a centre at a time over all points."""
    best = np.full(len(labels), np.inf)
    for k, centre in enumerate(centres):
        square = np.zeros(len(labels))
        for column, value in zip(columns, centre, strict=True):
            square += (column - value) ** 2
        nearer = square < best
        labels[nearer] = k
        best[nearer] = square[nearer]
    heavy = weights if len(weights) else np.ones(len(labels))
    for place, column in enumerate([np.ones(len(labels)), best, *columns]):
        totals[:, place] = np.bincount(labels, column * heavy, minlength=len(centres))

"""How well one partition of a picture agrees with others: covering, Rand, information.

All four follow from the joint histogram of the two label maps. Void of the truth (label 0) is
left out; what the result leaves void counts as one region more, so that leaving out hard pixels
never raises a score.

Source:
    P. Arbelaez, M. Maire, C. Fowlkes, J. Malik, "Contour Detection and Hierarchical Image
    Segmentation", TPAMI 33(5), 2011; L. Hubert, P. Arabie, "Comparing Partitions", 1985.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError
from pixelwise.evaluation.contingency import Contingency

__all__ = [
    "HierarchyScores",
    "RegionScores",
    "adjusted_rand",
    "best_overlaps",
    "covering",
    "rand_index",
    "score_hierarchy",
    "score_regions",
    "variation_of_information",
]


@dataclass(frozen=True, slots=True)
class RegionScores:
    """The agreement of one partition with the partitions of one or several people.

    Args:
        covering: 0..1, larger is better; covering of the truth by the result.
        pri: Probabilistic Rand index, 0..1, larger is better.
        vi: Variation of information in bits, smaller is better.
        ari: Adjusted Rand index, 1 is equal, about 0 is chance.
    """

    covering: float
    pri: float
    vi: float
    ari: float


@dataclass(frozen=True, slots=True)
class HierarchyScores:
    """The covering of a picture set by hierarchies, as the BSDS benchmark sums it up.

    Args:
        ods: Best covering with one level for all pictures.
        ois: Covering with the best level of each picture.
        best: Covering when each region of the truth picks its best region of any level.
        level: The level that gave ``ods``.
    """

    ods: float
    ois: float
    best: float
    level: int


def score_regions(truths: Sequence[NDArray[Any]], labels: NDArray[Any]) -> RegionScores:
    """Return the mean agreement of ``labels`` with the maps of each person.

    Args:
        truths: (H, W) integers each, 0 is void; one a person.
        labels: (H, W) integers, 0 is void.

    Raises:
        InputError: There is no truth, it is all void, or sizes differ.

    >>> halves = np.repeat([[1, 2]], 2, axis=0)
    >>> score_regions([halves], halves)
    RegionScores(covering=1.0, pri=1.0, vi=0.0, ari=1.0)
    """
    if not truths:
        raise InputError("there is no truth to compare the regions with")
    tables = [_table(truth, labels) for truth in truths]
    rows = [
        (covering(table), rand_index(table), variation_of_information(table), adjusted_rand(table))
        for table in tables
    ]
    return RegionScores(*(float(value) for value in np.mean(rows, axis=0)))


def covering(table: Contingency) -> float:
    """Return the mean, over the pixels of the first map, of their region's best overlap.

    >>> covering(Contingency.of(np.array([1, 1, 2, 2]), np.array([1, 1, 1, 1])))
    0.5
    """
    overlaps, areas = _best(table)
    return float((overlaps * areas).sum() / areas.sum())


def best_overlaps(
    truth: NDArray[Any], labels: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the greatest intersection over union of each truth region, and its pixels.

    Returns:
        (R,) float64 overlaps and (R,) int64 areas, in the order of the truth's labels.
    """
    return _best(_table(truth, labels))


def rand_index(table: Contingency) -> float:
    """Return the share of pixel pairs that both maps put together, or both apart.

    >>> round(rand_index(Contingency.of(np.array([1, 1, 2, 2]), np.array([1, 1, 1, 1]))), 3)
    0.333
    """
    joint, first, second, pairs = _pairs(table)
    return 1.0 if pairs == 0 else 1.0 - (first + second - 2 * joint) / pairs


def adjusted_rand(table: Contingency) -> float:
    """Return the Rand index corrected for chance; 1 where both maps are trivially equal.

    >>> adjusted_rand(Contingency.of(np.array([1, 1, 2, 2]), np.array([2, 2, 1, 1])))
    1.0
    """
    joint, first, second, pairs = _pairs(table)
    if pairs == 0 or (first == pairs and second == pairs) or (first == 0 and second == 0):
        return 1.0
    chance = first * second / pairs
    return (joint - chance) / ((first + second) / 2 - chance)


def variation_of_information(table: Contingency) -> float:
    """Return H(first | second) + H(second | first) in bits.

    >>> variation_of_information(Contingency.of(np.array([1, 1, 2, 2]), np.array([1, 2, 1, 2])))
    2.0
    """
    first, second = table.marginals()
    bits = 2 * _entropy(table.count) - _entropy(first) - _entropy(second)
    return max(bits, 0.0)


def score_hierarchy(
    pictures: Sequence[tuple[Sequence[NDArray[Any]], Sequence[NDArray[Any]]]],
) -> HierarchyScores:
    """Return ODS, OIS and best covering of hierarchies.

    Args:
        pictures: For each picture the maps of its people and the maps of its levels; each
            picture has the same number of levels.

    Raises:
        InputError: There is no picture, or the numbers of levels differ.
    """
    levels = {len(maps) for _, maps in pictures}
    if len(levels) != 1 or levels == {0}:
        raise InputError(f"each picture needs the same number of levels, not {sorted(levels)}")
    tables = [_overlap_table(truths, maps) for truths, maps in pictures]
    curves = np.array([(cover * area).sum(axis=1) for cover, area in tables])
    totals = np.array([area.sum() for _, area in tables], np.float64)
    best = sum(float((cover.max(axis=0) * area).sum()) for cover, area in tables)
    whole = curves.sum(axis=0) / totals.sum()
    return HierarchyScores(
        ods=float(whole.max()),
        ois=float(curves.max(axis=1).sum() / totals.sum()),
        best=best / float(totals.sum()),
        level=int(whole.argmax()),
    )


def _overlap_table(
    truths: Sequence[NDArray[Any]], maps: Sequence[NDArray[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (levels, regions of all people) best overlaps, and the areas of those regions."""
    rows = [[best_overlaps(truth, labels) for truth in truths] for labels in maps]
    cover = np.array([np.concatenate([overlap for overlap, _ in row]) for row in rows])
    return cover, np.concatenate([area for _, area in rows[0]])


def _table(truth: NDArray[Any], labels: NDArray[Any]) -> Contingency:
    table = Contingency.of(truth, labels).without_first(0)
    if table.total == 0:
        raise InputError("every pixel of the truth is void; there is nothing to score")
    return table


def _best(table: Contingency) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    first, second = table.areas()
    overlap = table.count / (first + second - table.count)
    overlap[table.second == 0] = 0.0  # what nobody claimed covers nothing
    _, place = np.unique(table.first, return_inverse=True)
    best = np.zeros(int(place.max()) + 1)
    np.maximum.at(best, place, overlap)
    areas = np.zeros(len(best), np.int64)
    areas[place] = first
    return best, areas


def _pairs(table: Contingency) -> tuple[float, float, float, float]:
    """Return pixel pairs together in both maps, in the first, in the second, and all pairs."""
    first, second = table.marginals()
    counts = (table.count, first, second, np.array([table.total]))
    joint, left, right, every = (
        float((part.astype(np.float64) * (part - 1)).sum() / 2) for part in counts
    )
    return joint, left, right, every


def _entropy(counts: NDArray[np.int64]) -> float:
    share = counts / counts.sum()
    return float(-(share * np.log2(share)).sum())

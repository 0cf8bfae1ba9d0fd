"""One-to-one matching of near points: as many pairs as possible, then the least distance.

Source:
    The problem is that of D. Martin, C. Fowlkes, J. Malik, "Learning to Detect Natural Image
    Boundaries", TPAMI 26(5), 2004; solved here exactly by shortest augmenting paths over the
    near pairs only (R. Jonker, A. Volgenant, "A Shortest Augmenting Path Algorithm for Dense and
    Sparse Linear Assignment Problems", Computing 38, 1987).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from pixelwise.errors import InputError
from pixelwise.evaluation.augmenting import augment_rows, near_pairs, reduce_rows
from pixelwise.ops.compiled import COMPILED

__all__ = ["Matches", "Pairs", "assign", "match_points", "pairs_within"]

_STEPS = 100
"""Costs are whole hundredths of a pixel, as in the reference implementation."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of points that are near enough to be matched, row by row.

    Args:
        start: (N + 1,) int64; pairs ``start[i]:start[i + 1]`` belong to row ``i``.
        column: (P,) int64 the other point.
        cost: (P,) int64 distance in hundredths of a pixel.
        columns: Number of other points.
        lonely: Cost of a row that stays without partner; above any gain in distance.
    """

    start: NDArray[np.int64]
    column: NDArray[np.int64]
    cost: NDArray[np.int64]
    columns: int
    lonely: int


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Which pixels of two masks found a partner.

    Args:
        first: (H, W) bool, matched pixels of the first mask.
        second: (H, W) bool, matched pixels of the second mask.
    """

    first: NDArray[np.bool_]
    second: NDArray[np.bool_]


def match_points(first: NDArray[np.bool_], second: NDArray[np.bool_], radius: float) -> Matches:
    """Match the pixels of two masks one to one, at most ``radius`` pixels apart.

    Args:
        first: (H, W) bool.
        second: (H, W) bool.
        radius: Greatest distance of a pair, in pixels.

    Raises:
        InputError: The masks differ in size.

    >>> matched = match_points(np.eye(3, dtype=bool), np.eye(3, k=1, dtype=bool), 1.0)
    >>> int(matched.first.sum()), int(matched.second.sum())
    (2, 2)
    """
    if first.shape != second.shape:
        raise InputError(f"boundaries {first.shape} and {second.shape} differ in size")
    partner = assign(pairs_within(first, second, radius))
    return Matches(_pick(first, np.flatnonzero(partner >= 0)), _pick(second, partner[partner >= 0]))


def pairs_within(first: NDArray[np.bool_], second: NDArray[np.bool_], radius: float) -> Pairs:
    """Return the pairs of set pixels, in raster order, that are at most ``radius`` apart."""
    down, right, cost = _offsets(radius)
    reach = int(np.ceil(radius))
    place = np.full(np.add(second.shape, 2 * reach), -1, np.int32)
    inside = place[reach : reach + second.shape[0], reach : reach + second.shape[1]]
    columns = int(np.count_nonzero(second))
    inside[second] = np.arange(columns, dtype=np.int32)
    y, x = np.nonzero(first)
    if COMPILED:
        start, column, costs = near_pairs(y + reach, x + reach, place, (down, right, cost))
    else:
        start, column, costs = _near_pairs(y + reach, x + reach, place, (down, right, cost))
    # With two lonely points a pair fewer costs more than any detour over all other pairs' gains.
    lonely = 2 * _STEPS * round(_STEPS * radius) + 1
    return Pairs(start, column, costs, columns, lonely)


def assign(pairs: Pairs) -> NDArray[np.int64]:
    """Return the partner of each row, (N,) int64, -1 for none.

    As many rows as possible get one; among those answers the sum of distances is least. Where
    several answers are equal, which of them comes is not said, but is always the same.
    """
    return _assigned_here(pairs) if COMPILED else _assigned_by_scipy(pairs)


def _assigned_here(pairs: Pairs) -> NDArray[np.int64]:
    rows = len(pairs.start) - 1
    row_price = np.zeros(rows, np.int64)
    column_price = np.zeros(pairs.columns, np.int64)
    partner = np.full(rows, -1, np.int64)
    owner = np.full(pairs.columns, -1, np.int64)
    graph = (pairs.start, pairs.column, pairs.cost)
    state = (row_price, column_price, partner, owner)
    reduce_rows(graph, state, pairs.lonely)
    augment_rows(graph, state, pairs.lonely)
    return partner


def _assigned_by_scipy(pairs: Pairs) -> NDArray[np.int64]:
    rows = len(pairs.start) - 1
    if rows == 0:
        return np.zeros(0, np.int64)
    # Each row gets a column of its own for "no partner"; +1 since zeros vanish from the matrix.
    row = np.repeat(np.arange(rows), np.diff(pairs.start))
    rows_too = np.concatenate([row, np.arange(rows)])
    columns = np.concatenate([pairs.column, pairs.columns + np.arange(rows)])
    costs = np.concatenate([pairs.cost, np.full(rows, pairs.lonely)]) + 1.0
    table = csr_matrix((costs, (rows_too, columns)), shape=(rows, pairs.columns + rows))
    partner = np.full(rows, -1, np.int64)
    matched, column = min_weight_full_bipartite_matching(table)
    partner[matched] = np.where(column < pairs.columns, column, -1)
    return partner


def _near_pairs(
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    place: NDArray[np.int32],
    offsets: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    down, right, cost = offsets
    found = place[y[:, None] + down, x[:, None] + right]
    near = found >= 0
    start = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64)
    costs = np.broadcast_to(cost, found.shape)[near]
    return start, found[near].astype(np.int64), costs


def _offsets(radius: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the steps down and right to all pixels within the radius, and their costs."""
    reach = int(np.ceil(radius))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    distance = np.hypot(down, right)
    near = np.flatnonzero(distance <= radius)
    order = near[np.argsort(distance[near], kind="stable")]
    cost = np.rint(_STEPS * distance[order]).astype(np.int64)
    return down[order].astype(np.int64), right[order].astype(np.int64), cost


def _pick(mask: NDArray[np.bool_], chosen: NDArray[Any]) -> NDArray[np.bool_]:
    """Return a mask of those set pixels whose number, in raster order, is chosen."""
    picked = np.zeros(mask.shape, bool)
    picked.reshape(-1)[np.flatnonzero(mask)[chosen]] = True
    return picked

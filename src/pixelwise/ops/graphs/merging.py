"""Greedy merging of adjacent regions: always the cheapest pair first."""

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit
from pixelwise.ops.graphs.adjacency import Adjacency, RegionTable
from pixelwise.ops.graphs.unionfind import find_root, roots

__all__ = ["Cost", "Merges", "absorb_small", "cut", "merge_tree", "merged"]


class Cost(NamedTuple):
    """What it costs to merge two touching regions: a product of three powers.

    ``distance ** colour * (m n / (m + n)) ** size * strength ** boundary``, with the Euclidean
    distance of the mean values, the sizes m and n in pixels, and the mean strength of the common
    boundary. ``Cost()`` is the plain distance of means, ``Cost(colour=2, size=1)`` is Ward's
    criterion, ``Cost(colour=0, boundary=1)`` the mean boundary strength of ultrametric contours.
    """

    colour: float = 1.0
    size: float = 0.0
    boundary: float = 0.0


class Merges(NamedTuple):
    """Merges in the order in which they were made.

    Args:
        pairs: (M, 2) int32, the label that stays and the label that goes into it.
        heights: (M,) float64, never falling: the cost, or the greatest cost before it.
    """

    pairs: NDArray[np.int32]
    heights: NDArray[np.float64]


class _State(NamedTuple):
    """Region and edge columns that the kernel changes as it merges."""

    sizes: NDArray[np.float64]
    sums: NDArray[np.float64]
    ends: NDArray[np.int32]
    lengths: NDArray[np.float64]
    strengths: NDArray[np.float64]
    parent: NDArray[np.int32]
    head: NDArray[np.int32]
    tail: NDArray[np.int32]
    following: NDArray[np.int32]
    version: NDArray[np.int32]
    mark: NDArray[np.int32]


def merge_tree(
    graph: Adjacency, table: RegionTable, cost: Cost, *, up_to: float = np.inf
) -> Merges:
    """Merge the cheapest touching pair, measure anew, and go on.

    Args:
        graph: Which regions touch.
        table: Sizes and sums of the values whose means are compared.
        cost: What a merge costs.
        up_to: Stop before the first merge that costs more.

    >>> labels = np.array([[1, 2, 3]], np.int32)
    >>> graph = Adjacency(np.array([[1, 2], [2, 3]], np.int32), np.ones(2), np.ones(2))
    >>> table = RegionTable(np.array([0.0, 1, 1, 1]), np.array([[0.0], [1], [2], [9]]))
    >>> merge_tree(graph, table, Cost()).heights.tolist()
    [1.0, 7.5]
    """
    pairs, heights = _merge_kernel(_state(graph, table), cost, float(up_to))
    return Merges(pairs, np.maximum.accumulate(heights) if len(heights) else heights)


def absorb_small(
    graph: Adjacency, table: RegionTable, cost: Cost, min_size: float
) -> NDArray[np.int32]:
    """Return a map label -> label in which each region below ``min_size`` pixels has joined.

    The smallest region goes first, into the neighbour with the least cost. A region without
    neighbours stays.

    Returns:
        (N + 1,) int32; use it as ``mapping[labels]``.
    """
    state = _state(graph, table)
    _absorb_kernel(state, cost, float(min_size))
    return np.asarray(roots(state.parent), np.int32)


def cut(merges: Merges, count: int, height: float) -> NDArray[np.int32]:
    """Return the map label -> label, (count + 1,) int32, after all merges up to ``height``.

    >>> cut(Merges(np.array([[1, 2], [1, 3]], np.int32), np.array([1.0, 7.5])), 3, 5.0).tolist()
    [0, 1, 1, 3]
    """
    parent = np.arange(count + 1, dtype=np.int32)
    done = int(np.searchsorted(merges.heights, height, side="right"))
    parent[merges.pairs[:done, 1]] = merges.pairs[:done, 0]
    return np.asarray(roots(parent), np.int32)


def merged(labels: NDArray[np.int32], mapping: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the labels after ``mapping``, numbered 1.. without gaps; void stays 0.

    >>> merged(np.array([[1, 2, 3]], np.int32), np.array([0, 1, 1, 3], np.int32)).tolist()
    [[1, 1, 2]]
    """
    occurs = np.zeros(len(mapping), bool)
    occurs[mapping[np.bincount(labels.reshape(-1), minlength=len(mapping)) > 0]] = True
    occurs[0] = False
    numbers = np.where(occurs, np.cumsum(occurs), 0).astype(np.int32)
    return np.asarray(numbers[mapping][labels])


def _state(graph: Adjacency, table: RegionTable) -> _State:
    rows, edges = len(table.sizes), len(graph.pairs)
    state = _State(
        sizes=table.sizes.copy(),
        sums=np.ascontiguousarray(table.sums).copy(),
        ends=graph.pairs.copy(),
        lengths=graph.lengths.copy(),
        strengths=graph.sums.copy(),
        parent=np.arange(rows, dtype=np.int32),
        head=np.full(rows, -1, np.int32),
        tail=np.full(rows, -1, np.int32),
        following=np.full(2 * edges, -1, np.int32),
        version=np.zeros(edges, np.int32),
        mark=np.full(rows, -1, np.int32),
    )
    _link_all(state)
    return state


@jit
def _link_all(state: _State) -> None:
    """Hang every edge into the lists of its two regions."""
    for edge in range(len(state.ends)):
        _append(state, state.ends[edge, 0], 2 * edge)
        _append(state, state.ends[edge, 1], 2 * edge + 1)


@jit
def _append(state: _State, region: int, node: int) -> None:
    state.following[node] = -1
    if state.head[region] < 0:
        state.head[region] = node
    else:
        state.following[state.tail[region]] = node
    state.tail[region] = node


@jit
def _cost_of(state: _State, edge: int, cost: Cost) -> float:
    first = find_root(state.parent, state.ends[edge, 0])
    second = find_root(state.parent, state.ends[edge, 1])
    m, n = state.sizes[first], state.sizes[second]
    value = 1.0
    if cost.colour != 0:
        square = 0.0
        for channel in range(state.sums.shape[1]):
            step = state.sums[first, channel] / m - state.sums[second, channel] / n
            square += step * step
        value = square ** (cost.colour / 2)
    if cost.size != 0:
        value *= (m * n / (m + n)) ** cost.size
    if cost.boundary != 0:
        value *= (state.strengths[edge] / state.lengths[edge]) ** cost.boundary
    return value


@jit
def _other(state: _State, edge: int, region: int) -> int:
    first = find_root(state.parent, state.ends[edge, 0])
    return find_root(state.parent, state.ends[edge, 1]) if first == region else first


@jit
def _join(state: _State, stays: int, goes: int, edge: int) -> None:
    """Merge ``goes`` into ``stays`` along ``edge``; double edges become one."""
    state.version[edge] = -1
    node = state.head[stays]
    while node >= 0:
        if state.version[node // 2] >= 0:
            state.mark[_other(state, node // 2, stays)] = node // 2
        node = state.following[node]
    node = state.head[goes]
    while node >= 0:
        ahead = state.following[node]
        _move(state, stays, goes, node)
        node = ahead
    state.parent[goes] = stays
    state.sizes[stays] += state.sizes[goes]
    for channel in range(state.sums.shape[1]):
        state.sums[stays, channel] += state.sums[goes, channel]
    _unmark(state, stays)


@jit
def _move(state: _State, stays: int, goes: int, node: int) -> None:
    """Hand one edge of ``goes`` to ``stays``, or add it to the edge that is already there."""
    edge = node // 2
    if state.version[edge] < 0:
        return
    twin = state.mark[_other(state, edge, goes)]
    if twin < 0:
        _append(state, stays, node)
        return
    state.lengths[twin] += state.lengths[edge]
    state.strengths[twin] += state.strengths[edge]
    state.version[edge] = -1


@jit
def _unmark(state: _State, region: int) -> None:
    """Clear the marks and drop dead edges from the list of ``region``."""
    node = state.head[region]
    state.head[region] = -1
    while node >= 0:
        ahead = state.following[node]
        edge = node // 2
        if state.version[edge] >= 0:
            state.mark[_other(state, edge, region)] = -1
            _append(state, region, node)
        node = ahead


@jit
def _merge_kernel(
    state: _State, cost: Cost, up_to: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    pairs = np.empty((len(state.parent), 2), np.int32)
    heights = np.empty(len(state.parent), np.float64)
    queue = [(_cost_of(state, edge, cost), edge, np.int32(0)) for edge in range(len(state.ends))]
    heapq.heapify(queue)
    done = 0
    while len(queue) > 0:
        price, edge, version = heapq.heappop(queue)
        if version != state.version[edge]:
            continue
        if price > up_to:
            break
        stays = find_root(state.parent, state.ends[edge, 0])
        goes = find_root(state.parent, state.ends[edge, 1])
        _join(state, stays, goes, edge)
        pairs[done, 0], pairs[done, 1], heights[done] = stays, goes, price
        done += 1
        node = state.head[stays]
        while node >= 0:
            near = node // 2
            state.version[near] += 1
            heapq.heappush(queue, (_cost_of(state, near, cost), near, state.version[near]))
            node = state.following[node]
    return pairs[:done], heights[:done]


@jit
def _absorb_kernel(state: _State, cost: Cost, min_size: float) -> None:
    rows = range(1, len(state.sizes))
    queue = [(state.sizes[row], np.int64(row)) for row in rows if 0 < state.sizes[row] < min_size]
    heapq.heapify(queue)
    while len(queue) > 0:
        size, row = heapq.heappop(queue)
        small = int(row)
        if state.parent[small] != small or state.sizes[small] != size:
            continue
        best = _cheapest(state, small, cost)
        if best < 0:
            continue
        stays = _other(state, best, small)
        _join(state, stays, small, best)
        if state.sizes[stays] < min_size:
            heapq.heappush(queue, (state.sizes[stays], np.int64(stays)))


@jit
def _cheapest(state: _State, region: int, cost: Cost) -> int:
    """Return the live edge of ``region`` with the least cost, or -1."""
    best, least = -1, np.inf
    node = state.head[region]
    while node >= 0:
        edge = node // 2
        if state.version[edge] >= 0:
            price = _cost_of(state, edge, cost)
            if price < least:
                best, least = edge, price
        node = state.following[node]
    return best

"""Compiled kernels of the sparse assignment: near pairs, row reduction, augmenting paths.

A graph is ``(start, column, cost)`` with the pairs of row ``i`` at ``start[i]:start[i + 1]``; a
state is ``(row_price, column_price, partner, owner)``. Prices keep ``cost - row_price -
column_price >= 0`` on all pairs, ``= 0`` on chosen ones, and ``row_price <= lonely``.
"""

from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["augment_rows", "near_pairs", "reduce_rows"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Whole = Any  # an int outside, an int64 inside a compiled kernel
Graph = tuple[Ints, Ints, Ints]
State = tuple[Ints, Ints, Ints, Ints]


@jit
def near_pairs(y: Ints, x: Ints, place: NDArray[np.int32], offsets: Graph) -> Graph:
    """Return the graph of points (y, x) and the points whose numbers stand in ``place``."""
    down, right, cost = offsets
    start = np.zeros(y.size + 1, np.int64)
    for row in range(y.size):
        near = 0
        for step in range(down.size):
            near += place[y[row] + down[step], x[row] + right[step]] >= 0
        start[row + 1] = start[row] + near
    column = np.empty(start[-1], np.int64)
    costs = np.empty(start[-1], np.int64)
    pair = 0
    for row in range(y.size):
        for step in range(down.size):
            other = place[y[row] + down[step], x[row] + right[step]]
            if other >= 0:
                column[pair] = other
                costs[pair] = cost[step]
                pair += 1
    return start, column, costs


@jit
def _two_cheapest(row: int, graph: Graph, column_price: Ints, lonely: int) -> tuple[int, int, int]:
    """Return the cheapest column of a row (-1: none), its price, and the second price."""
    start, column, cost = graph
    best, first, second = -1, lonely, lonely
    for pair in range(start[row], start[row + 1]):
        price = cost[pair] - column_price[column[pair]]
        if price < first:
            best, first, second = column[pair], price, first
        elif price < second:
            second = price
    return best, first, second


@jit
def reduce_rows(graph: Graph, state: State, lonely: int) -> None:
    """Let free rows take their cheapest column while that pushes its price up; two rounds."""
    row_price, column_price, partner, owner = state
    waiting = np.flatnonzero(partner < 0)
    for _ in range(2):
        left = 0
        place = 0
        budget = 4 * waiting.size
        while place < waiting.size:
            row = waiting[place]
            place += 1
            best, first, second = _two_cheapest(row, graph, column_price, lonely)
            row_price[row] = second
            if best < 0:
                continue
            pushed = owner[best]
            if first == second and pushed >= 0:
                waiting[left] = row
                left += 1
                continue
            column_price[best] -= second - first
            owner[best] = row
            partner[row] = best
            if pushed >= 0:
                partner[pushed] = -1
                budget -= 1
                if budget > 0:
                    place -= 1
                    waiting[place] = pushed
                else:
                    waiting[left] = pushed
                    left += 1
        waiting = waiting[:left].copy()


@jit
def augment_rows(graph: Graph, state: State, lonely: int) -> None:
    """Give every free row its cheapest path to a free column, or to a row that steps back."""
    column_price, partner = state[1], state[2]
    columns = column_price.size
    far = np.full(columns, -1, np.int64)
    search = (far, np.full(columns, -1, np.int64), np.empty(columns, np.int64))
    closed = np.zeros(columns, np.bool_)
    for row in range(partner.size):
        if partner[row] >= 0:
            continue
        state[0][row] = _two_cheapest(row, graph, column_price, lonely)[1]
        best, last_row, last_column, seen = _search(row, graph, state, search, closed, lonely)
        _reprice(row, best, seen, state, search, closed)
        _swap(row, last_row, last_column, state, search)


@jit
def _search(
    source: Whole, graph: Graph, state: State, search: Graph, closed: Flags, lonely: Whole
) -> tuple[Whole, Whole, Whole, Whole]:
    """Return the length of the cheapest path, its last row and column (-1: none), columns seen."""
    row_price, _, _, owner = state
    heap = [(np.int64(0), np.int64(-1))]
    row, seen = np.int64(source), np.int64(0)
    best, last_row, last_column = np.int64(lonely - row_price[source]), row, np.int64(-1)
    while len(heap) > 0:
        here, at = heappop(heap)
        if here >= best:
            break
        if at >= 0:
            if closed[at]:
                continue
            closed[at] = True
            row = owner[at]
            if here + lonely - row_price[row] < best:
                best, last_row, last_column = here + lonely - row_price[row], row, np.int64(-1)
        ended, best, seen = _relax(row, here, best, seen, graph, state, search, closed, heap)
        if ended >= 0:
            last_row, last_column = row, ended
    return best, last_row, last_column, seen


@jit
def _relax(  # noqa: PLR0913, PLR0917 - a kernel has no object to hold its state
    row: Whole,
    here: Whole,
    best: Whole,
    seen: Whole,
    graph: Graph,
    state: State,
    search: Graph,
    closed: Flags,
    heap: list[tuple[Whole, Whole]],
) -> tuple[Whole, Whole, Whole]:
    """Reach out from a row; return the free column that ends the path (-1), best, and seen."""
    start, column, cost = graph
    row_price, column_price, _, owner = state
    distance, came_from, touched = search
    ended = np.int64(-1)
    for pair in range(start[row], start[row + 1]):
        other = column[pair]
        far = here + cost[pair] - row_price[row] - column_price[other]
        if closed[other] or far >= best or (distance[other] >= 0 and distance[other] <= far):
            continue
        if distance[other] < 0:
            touched[seen] = other
            seen += 1
        distance[other] = far
        came_from[other] = row
        if owner[other] < 0:
            best, ended = far, other
        else:
            heappush(heap, (far, other))
    return ended, best, seen


@jit
def _reprice(
    source: Whole, best: Whole, seen: Whole, state: State, search: Graph, closed: Flags
) -> None:
    """Bring the prices to the paths found, and make the search ready for the next row."""
    row_price, column_price, _, owner = state
    distance, _, touched = search
    row_price[source] += best
    for place in range(seen):
        other = touched[place]
        if closed[other] and distance[other] < best:
            row_price[owner[other]] += best - distance[other]
            column_price[other] -= best - distance[other]
        distance[other] = -1
        closed[other] = False


@jit
def _swap(source: Whole, last_row: Whole, last_column: Whole, state: State, search: Graph) -> None:
    """Shift partners along the path that ends in a column, or in a row that steps back."""
    _, _, partner, owner = state
    came_from = search[1]
    if last_column < 0 and last_row != source:
        last_column = partner[last_row]
        partner[last_row] = -1
    while last_column >= 0:
        row = came_from[last_column]
        owner[last_column] = row
        before = partner[row]
        partner[row] = last_column
        last_column = before if row != source else -1

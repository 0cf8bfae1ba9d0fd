"""Which cells of the joint space the paths of a mean shift went through, and where they ended."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["PathTable", "cell_of", "empty_table", "remember", "slot_of"]

MEET = 4
"""Paths that come within a cell of 1/4 radius a side end together."""


class PathTable(NamedTuple):
    """Cells of the joint space that a path went through, and the mode it came to.

    Cells of one place stand together, so that a walk along the rows stays in the cache.
    """

    keys: NDArray[np.int64]
    modes: NDArray[np.int32]
    slots: int


@jit
def cell_of(at: NDArray[np.float64], radius: float, width: int) -> int:
    """Return the number of the cell that holds a point."""
    across = int(width * MEET / radius) + 2
    place = int(at[0] * MEET / radius) * across + int(at[1] * MEET / radius)
    colour = (int(at[2] * MEET) << 22) + (int(at[3] * MEET) << 11) + int(at[4] * MEET)
    return (place << 31) + colour


@jit
def empty_table(height: int, width: int, radius: float) -> PathTable:
    """Return an empty table, with as many slots a place as let most cells stand at theirs."""
    places = (int(height * MEET / radius) + 2) * (int(width * MEET / radius) + 2)
    slots = 1
    while slots * places < 4 * height * width:
        slots *= 2
    size = slots * places
    return PathTable(np.full(size, -1, np.int64), np.empty(size, np.int32), slots)


@jit
def slot_of(table: PathTable, cell: int) -> int:
    """Return where a cell stands in the table, or where it would: near those of its place."""
    colour = cell & 0x7FFFFFFF
    spread = (colour ^ (colour >> 11) * 5 ^ (colour >> 22) * 13) & (table.slots - 1)
    slot = (cell >> 31) * table.slots + spread
    while table.keys[slot] != -1 and table.keys[slot] != cell:
        slot = slot + 1 if slot + 1 < len(table.keys) else 0
    return slot


@jit
def remember(table: PathTable, cell: int, mode: int) -> None:
    """Write down where the paths through a cell end."""
    slot = slot_of(table, cell)
    if table.keys[slot] == -1:
        table.keys[slot], table.modes[slot] = cell, mode

"""Connected parts of a map of any size, numbered through across all seams."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.components import relabel
from pixelwise.ops.graphs.unionfind import Disjoint
from pixelwise.ops.windows import Window

__all__ = ["numbered_parts"]

Strips = Iterable[tuple[Window, NDArray[np.integer[Any]]]]


def numbered_parts(
    strips: Callable[[], Strips], void: int
) -> Iterator[tuple[Window, NDArray[np.int32]]]:
    """Yield the number of the connected part of every pixel, 0 where there is ``void``.

    Parts are connected by edges and numbered 1.. from above, however high the strips are.

    Args:
        strips: Gives the labels in whole rows, top to bottom; called twice.
        void: The label of no part.
    """
    numbers = _numbers(strips(), void)
    base = 0
    for window, labels in strips():
        parts, count = _parts(labels, void)
        own = np.concatenate([[0], numbers[base + 1 : base + count + 1]]).astype(np.int32)
        yield window, own[parts]
        base += count


def _numbers(strips: Strips, void: int) -> NDArray[np.int64]:
    """Return the number of each part of each strip, counted through; 0 stays 0."""
    sets, above = Disjoint(), None
    sets.grow(1)
    for _, labels in strips:
        parts, count = _parts(labels, void)
        base = sets.grow(count) - 1
        top = np.where(parts[0] > 0, parts[0] + base, 0)
        if above is not None:
            touch = (above[0] == labels[0]) & (above[1] > 0) & (top > 0)
            for pair in np.unique(np.stack([above[1][touch], top[touch]], axis=1), axis=0).tolist():
                sets.join(*pair)
        above = (labels[-1], np.where(parts[-1] > 0, parts[-1] + base, 0))
    return np.unique(sets.roots(), return_inverse=True)[1]


def _parts(labels: NDArray[np.integer[Any]], void: int) -> tuple[NDArray[np.int64], int]:
    parts, count = relabel(np.where(labels == void, 0, labels.astype(np.int32) + 1), diagonal=False)
    return parts.astype(np.int64), count

"""The steps of morphological contour evolution on masks of two or three axes.

Source:
    P. Marquez-Neila, L. Baumela, L. Alvarez, "A morphological approach to curvature-based
    evolution of curves and surfaces", IEEE TPAMI 36(1), 2014.
"""

from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

__all__ = ["grow", "shrink", "smooth"]

Offset = tuple[int, ...]


def grow(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask and all its neighbours, corners too.

    >>> grow(np.array([[0, 0, 1, 0]], bool)).tolist()
    [[False, True, True, True]]
    """
    return ~shrink(~mask)


def shrink(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels all of whose neighbours are in the mask; the picture's border is no end.

    >>> shrink(np.array([[0, 1, 1, 1]], bool)).tolist()
    [[False, False, True, True]]
    """
    for axis in range(mask.ndim):
        step = [0] * mask.ndim
        step[axis] = 1
        mask = _eroded(mask, (tuple(step), tuple(-part for part in step)))
    return mask


def smooth(mask: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
    """Return the mask after ``times`` steps of mean curvature motion.

    One step keeps a pixel that lies on a straight piece (a line in pictures, a plane in
    volumes) inside the mask, and likewise outside of it; inside and outside take turns to begin.

    >>> spike = np.zeros((5, 5), bool)
    >>> spike[2, 2] = True
    >>> smooth(spike, 1).any()
    np.False_
    """
    for number in range(times):
        steps = (_opened, _closed) if number % 2 == 0 else (_closed, _opened)
        for step in steps:
            mask = step(mask)
    return mask


def _opened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where some straight piece through the pixel lies inside the mask."""
    best = np.zeros_like(mask)
    for piece in _pieces(mask.ndim):
        best |= _eroded(mask, piece)
    return best


def _closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~_opened(~mask)


def _eroded(mask: NDArray[np.bool_], offsets: tuple[Offset, ...]) -> NDArray[np.bool_]:
    """Return where the pixel and all its neighbours at ``offsets`` are in the mask."""
    kept = mask.copy()
    for offset in offsets:
        here = tuple(slice(max(0, -part), None if part <= 0 else -part) for part in offset)
        there = tuple(slice(max(0, part), None if part >= 0 else part) for part in offset)
        kept[here] &= mask[there]
    return kept


@cache
def _pieces(axes: int) -> tuple[tuple[Offset, ...], ...]:
    """Return the straight pieces of 3 (or 3 x 3) pixels through the middle, without the middle.

    Lines: the 4 of a 3 x 3 square. Planes: the 9 of a 3 x 3 x 3 cube that hold two of its axes
    or an axis and a diagonal.
    """
    steps = [step for step in product((-1, 0, 1), repeat=axes) if any(step)]
    if axes == 2:
        half = [step for step in steps if step > (0, 0)]
        return tuple((step, (-step[0], -step[1])) for step in half)
    normals = [n for n in steps if n > (0, 0, 0) and sum(map(abs, n)) <= 2]
    return tuple(
        tuple(s for s in steps if sum(a * b for a, b in zip(s, normal, strict=True)) == 0)
        for normal in normals
    )

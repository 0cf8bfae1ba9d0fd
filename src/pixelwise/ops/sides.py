"""Which side of a level is foreground."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Side", "foreground_of"]


class Side(StrEnum):
    """The side of a level that is foreground."""

    BRIGHTER = "brighter"
    DARKER = "darker"
    BORDER = "border"
    """The side that touches the border of the picture less."""


def foreground_of(
    values: NDArray[Any], level: float | NDArray[Any], side: Side
) -> NDArray[np.bool_]:
    """Return where values lie on the wanted side of ``level``, bool of their shape.

    Brighter is ``values > level``, darker the rest. NaN is on neither side, and constant values
    have no foreground at all.

    Args:
        values: (H, W) or (D, H, W).
        level: One level, or one for each pixel.
        side: The side that is foreground.

    >>> foreground_of(np.array([[1, 1, 1], [1, 9, 1], [1, 1, 1]]), 5, Side.BORDER).sum()
    np.int64(1)
    """
    if values.size == 0 or values.min() == values.max():
        return np.zeros(values.shape, bool)
    above = values > level
    if side is Side.BRIGHTER:
        return above
    below = values <= level  # not the complement: NaN is on neither side
    if side is Side.DARKER:
        return below
    return above if _on_border(above) <= _on_border(below) else below


def _on_border(mask: NDArray[np.bool_]) -> int:
    """Return how many pixels of the mask lie on the picture's border."""
    inside = tuple(slice(1, -1) for _ in mask.shape)
    return int(np.count_nonzero(mask)) - int(np.count_nonzero(mask[inside]))

"""Which side of a level is foreground."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Side", "foreground_of", "is_constant", "on_border", "side_of"]


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
    if values.dtype.kind != "f" and isinstance(level, int | float):
        # All on one side is the only answer that constant values can give: a check that costs less.
        mask = side_of(values, level, side)
        return np.zeros_like(mask) if mask.all() and is_constant(values) else mask
    if is_constant(values):
        return np.zeros(values.shape, bool)
    return side_of(values, level, side)


def side_of(values: NDArray[Any], level: float | NDArray[Any], side: Side) -> NDArray[np.bool_]:
    """Return the same as :func:`foreground_of`, with constant values judged like any others.

    >>> side_of(np.full((1, 2), 7), 5, Side.BRIGHTER).tolist()
    [[True, True]]
    """
    bound = _in_kind(values, level) if isinstance(level, int | float) else level
    if side is Side.DARKER:
        return values <= bound  # not the complement: NaN is on neither side
    above = values > bound
    if side is Side.BRIGHTER:
        return above
    below = values <= bound
    return above if on_border(above) <= on_border(below) else below


def is_constant(values: NDArray[Any]) -> bool:
    """Return whether all values that are numbers are the same; also when there are none.

    >>> is_constant(np.array([1.0, np.nan, 1.0]))
    True
    """
    if values.size == 0:
        return True
    if values.dtype.kind != "f":
        return bool(values.min() == values.max())
    low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    return not low < high


def _in_kind(values: NDArray[Any], level: float) -> Any:  # noqa: ANN401 - a scalar of the dtype
    """Return the level as the values' own type, so that comparing converts no array."""
    if values.dtype.kind not in "iu" or not np.isfinite(level):
        return level
    limits = np.iinfo(values.dtype)
    whole = int(np.floor(level))
    return values.dtype.type(whole) if limits.min <= whole <= limits.max else level


def on_border(mask: NDArray[np.bool_]) -> int:
    """Return how many pixels of the mask lie on the picture's border."""
    inside = tuple(slice(1, -1) for _ in mask.shape)
    return int(np.count_nonzero(mask)) - int(np.count_nonzero(mask[inside]))

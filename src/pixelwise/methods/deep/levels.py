"""The values of a picture on the scale that a network was trained on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Levels

__all__ = ["levelled", "span"]

PERCENTILES = (0.01, 0.998)
"""As is usual for microscopy: dark and hot pixels do not set the scale."""


def levelled(values: NDArray[np.float32], seen: NDArray[Any], levels: Levels) -> NDArray[Any]:
    """Return ``values`` on the scale that a network was trained on.

    Args:
        values: Any shape, float32.
        seen: The picture whose least, greatest or quantile values set the scale.
        levels: The scale.

    >>> levelled(np.float32([0, 50]), np.uint8([0, 50, 100]), Levels.MAXIMUM).tolist()
    [0.0, 0.5]
    """
    low, high = span(seen, levels)
    made = (values - np.float32(low)) / np.float32(high - low if high > low else 1.0)
    return made.clip(0, 1) if levels is Levels.PERCENTILES else made


def span(seen: NDArray[Any], levels: Levels) -> tuple[float, float]:
    """Return the values that become 0 and 1.

    >>> span(np.uint8([0, 50, 100]), Levels.MIN_MAX)
    (0.0, 100.0)
    """
    match levels:
        case Levels.BYTES | Levels.REFLECTANCE:
            return 0.0, 1.0
        case Levels.MAXIMUM:
            return 0.0, float(seen.max())
        case Levels.MIN_MAX:
            return float(seen.min()), float(seen.max())
        case Levels.QUANTILES:
            low, high = np.quantile(seen, (0.05, 0.95))
            return float(low), float(high)
        case Levels.PERCENTILES:
            return _percentiles(seen)


def _percentiles(seen: NDArray[Any]) -> tuple[float, float]:
    """Return the least values with 1 % and 99.8 % of all at or below them."""
    if seen.dtype != np.uint8:
        low, high = np.quantile(seen, PERCENTILES, method="inverted_cdf")
        return float(low), float(high)
    shares = np.cumsum(np.bincount(seen.reshape(-1), minlength=256)) / seen.size
    low, high = np.searchsorted(shares, PERCENTILES)
    return float(low), float(high)

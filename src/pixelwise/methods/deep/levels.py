"""The values of a picture on the scale that a network was trained on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Levels

__all__ = ["levelled"]


def levelled(values: NDArray[np.float32], seen: NDArray[Any], levels: Levels) -> NDArray[Any]:
    """Return ``values`` on the scale that a network was trained on.

    Args:
        values: Any shape, float32.
        seen: The picture whose least, greatest or quantile values set the scale.
        levels: The scale.

    >>> levelled(np.float32([0, 50]), np.uint8([0, 50, 100]), Levels.MAXIMUM).tolist()
    [0.0, 0.5]
    """
    match levels:
        case Levels.BYTES | Levels.REFLECTANCE:
            return values
        case Levels.MAXIMUM:
            low, high = 0.0, float(seen.max())
        case Levels.MIN_MAX:
            low, high = float(seen.min()), float(seen.max())
        case Levels.QUANTILES:
            low, high = (float(level) for level in np.quantile(seen, (0.05, 0.95)))
    return (values - np.float32(low)) / np.float32(high - low if high > low else 1.0)

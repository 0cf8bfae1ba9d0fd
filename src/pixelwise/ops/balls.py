"""Morphology with balls of a physical radius: exact, and the same however voxels are shaped."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.distance import distance_inside

__all__ = ["closed", "dilated", "opened"]

Spacing = tuple[float, ...]


def dilated(mask: NDArray[np.bool_], radius: float, spacing: Spacing) -> NDArray[np.bool_]:
    """Return the pixels within ``radius`` of the mask.

    Args:
        mask: (H, W) or (D, H, W) bool.
        radius: In the unit of the spacing.
        spacing: Size of a pixel along each axis.

    >>> dilated(np.array([[1, 0, 0, 0]], bool), 2.0, (1.0, 1.0)).tolist()
    [[True, True, True, False]]
    """
    if radius <= 0 or not mask.any():
        return mask
    return np.asarray(distance_inside(~mask, spacing) <= radius)


def closed(mask: NDArray[np.bool_], radius: float, spacing: Spacing) -> NDArray[np.bool_]:
    """Return the mask with gaps and dents closed that no ball of ``radius`` fits into.

    Beyond the border the picture is taken to go on as at its border.

    >>> closed(np.array([[1, 1, 0, 1, 1]], bool), 1.0, (1.0, 1.0)).all()
    np.True_
    """
    return _both(mask, radius, spacing)


def opened(mask: NDArray[np.bool_], radius: float, spacing: Spacing) -> NDArray[np.bool_]:
    """Return the parts of the mask that a ball of ``radius`` fits into.

    >>> opened(np.array([[0, 1, 0, 1, 1]], bool), 1.0, (1.0, 1.0)).tolist()
    [[False, False, False, True, True]]
    """
    return ~_both(~mask, radius, spacing)


def _both(mask: NDArray[np.bool_], radius: float, spacing: Spacing) -> NDArray[np.bool_]:
    """Return the closing."""
    if radius <= 0 or not mask.any() or mask.all():
        return mask
    margin = [int(np.ceil(radius / step)) + 1 for step in spacing]
    padded = np.pad(mask, [(side, side) for side in margin], mode="edge")
    grown = dilated(padded, radius, spacing)
    shrunk = grown if grown.all() else distance_inside(grown, spacing) > radius
    return np.asarray(shrunk[tuple(slice(side, -side) for side in margin)] | mask)

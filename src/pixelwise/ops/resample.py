"""Volumes and planes on another grid."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["resampled", "shifted"]


def resampled(
    volume: NDArray[Any],
    matrix: NDArray[np.float64],
    size: tuple[int, int, int],
    *,
    nearest: bool = False,
    fill: float = 0.0,
) -> NDArray[Any]:
    """Return a volume on another grid.

    Args:
        volume: (D, H, W).
        matrix: (4, 4), takes indices (z, y, x, 1) of the new grid to those of ``volume``.
        size: (D, H, W) of the new grid.
        nearest: Take the nearest voxel, as label maps need; else linear between eight.
        fill: Value outside ``volume``.

    Returns:
        The volume's dtype for nearest, else float32.

    >>> twice = np.diag([1.0, 1.0, 0.5, 1.0])
    >>> resampled(np.array([[[0.0, 2.0]]]), twice, (1, 1, 3)).tolist()
    [[[0.0, 1.0, 2.0]]]
    """
    order = 0 if nearest else 1
    source = volume if nearest else volume.astype(np.float32, copy=False)
    made = np.empty(size, source.dtype)
    ndimage.affine_transform(
        source,
        matrix[:3, :3],
        matrix[:3, 3],
        output=made,
        output_shape=size,
        order=order,
        mode="constant",
        cval=fill,
    )
    return made


def shifted(
    plane: NDArray[np.float32], steps: tuple[float, float], fill: float
) -> NDArray[np.float32]:
    """Return a plane whose pixel (y, x) is the old one at (y + steps[0], x + steps[1]), linear.

    >>> shifted(np.array([[1, 3, 5]], np.float32), (0, 0.5), 0).tolist()
    [[2.0, 4.0, 0.0]]
    """
    if not any(steps):
        return plane
    back = (-steps[0], -steps[1])
    return np.asarray(ndimage.shift(plane, back, order=1, mode="constant", cval=fill), np.float32)

"""Distances that are taught: how deep a pixel lies in its thing, how far it lies from a class."""

from typing import Any

import edt
import numpy as np
from numpy.typing import NDArray

__all__ = ["depth_of", "gaps_of"]

REACH = 20.0
"""Pixels beyond which a boundary is as far as any; else far pixels outweigh the boundary."""


def depth_of(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return how deep each pixel lies in its thing, (1, H, W): 1 in the middle, near 0 at its rim.

    >>> depth_of(np.array([[0, 1, 1, 1, 0]]))[0].tolist()
    [[0.0, 0.5, 1.0, 0.5, 0.0]]
    """
    labels = np.ascontiguousarray(numbers, np.uint32)
    depth = edt.edt(labels, black_border=False)
    depth[~np.isfinite(depth)] = 1  # a thing that fills the patch
    most = np.ones(int(labels.max()) + 1, np.float32)
    np.maximum.at(most, labels.reshape(-1), depth.reshape(-1))
    return np.asarray(depth / most[labels], np.float32)[np.newaxis]


def gaps_of(targets: NDArray[Any], classes: int) -> NDArray[np.float32]:
    """Return how far each pixel lies outside each class, (classes, ...): -1 inside to 1 outside.

    Whole distances are those of :data:`REACH` pixels. A class that fills the patch or is not in
    it has no boundary and 0 everywhere, as have pixels that nobody claims.

    Args:
        targets: Class indices, -1 where nobody claims a pixel.
        classes: How many there are.

    >>> (gaps_of(np.array([[0, 0, 1, 1]]), 2)[1] * REACH).tolist()
    [[1.5, 0.5, -0.5, -1.5]]
    """
    made = np.zeros((classes, *targets.shape), np.float32)
    for index in range(classes):
        inside = np.ascontiguousarray(targets == index)
        if not inside.any() or inside.all():
            continue
        far = edt.edt(~inside, black_border=False) - edt.edt(inside, black_border=False)
        made[index] = (far - np.sign(far) * 0.5).clip(-REACH, REACH) / REACH
    return np.where(targets >= 0, made, 0).astype(np.float32)

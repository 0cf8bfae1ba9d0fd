"""Distance to the nearest pixel outside a mask."""

import edt
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "distance_inside"]

KERNELS = Kernels("pixelwise.ops.distance_kernels")
"""The compiled way for pictures with square pixels."""

THREADS = 2
"""More than two threads gain little on pictures; the result does not depend on them."""


def distance_inside(
    mask: NDArray[np.bool_], spacing: tuple[float, ...] | None = None
) -> NDArray[np.float32]:
    """Return the Euclidean distance from each pixel of the mask to the nearest pixel outside.

    Beyond the border of the picture is not outside: a mask that fills the picture has no
    outside, and its distances are infinite.

    Args:
        mask: (H, W) or (D, H, W) bool.
        spacing: Size of a pixel along each axis; None: 1.

    Returns:
        float32 of the mask's size, 0 outside the mask, in the unit of the spacing.

    Source:
        P. Felzenszwalb, D. Huttenlocher, "Distance Transforms of Sampled Functions", Theory of
        Computing 8(19), 2012; the package edt.

    >>> distance_inside(np.array([[True, True, False]])).tolist()
    [[2.0, 1.0, 0.0]]
    """
    if mask.size == 0:
        return np.zeros(mask.shape, np.float32)
    whole = np.ascontiguousarray(mask, bool)
    square = mask.ndim == 2 and set(spacing or (1.0,)) == {1.0}
    if square and (kernels := KERNELS.ready()) is not None:
        out = np.empty(mask.shape, np.float32)
        kernels.distances(whole.view(np.uint8), np.empty(mask.shape, np.int32), out)
        return out
    return np.asarray(
        edt.edt(
            whole,
            anisotropy=spacing or (1.0,) * mask.ndim,
            black_border=False,
            parallel=THREADS,
        ),
        np.float32,
    )

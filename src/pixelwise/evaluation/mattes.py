"""Errors of soft masks: SAD, MSE, gradient and connectivity, over the whole picture.

SAD and connectivity are in thousands of pixels, MSE is a mean of squares, gradient is the sum of
squared differences of Gaussian gradient magnitudes in thousands, as the benchmark publishes them.

Source:
    C. Rhemann et al., "A Perceptually Motivated Online Benchmark for Image Matting", CVPR 2009.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pixelwise.core import Foreground, Result
from pixelwise.errors import InputError
from pixelwise.evaluation.metric import Array, Better, CountFamily, Metric, Truth, ratio

__all__ = [
    "CONNECTIVITY",
    "GRADIENT",
    "MSE",
    "SAD",
    "Mattes",
    "connectivity_error",
    "gradient_error",
]

_SIGMA = 1.4  # of the Gaussian whose gradients are compared
_STEP = 0.1  # between the levels at which connectivity is looked at
_SLACK = 0.15  # a pixel this little above its connected level counts as connected


class Mattes(CountFamily):
    """Measures the four errors of each picture."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return SAD, MSE, gradient, connectivity, and 1.

        Raises:
            InputError: Volumes, or another result than a foreground.
        """
        if not isinstance(truth, Foreground) or not isinstance(result, Foreground):
            raise InputError(f"mattes are scored on Foreground, not {type(result).__name__}")
        if len(result.size) != 2:
            raise InputError("mattes are scored on pictures, not on volumes")
        first, second = truth.alpha, result.alpha
        gap = np.abs(first - second, dtype=np.float64)
        row = (
            float(gap.sum() / 1000),
            float((gap * gap).mean()),
            gradient_error(first, second),
            connectivity_error(first, second),
            1.0,
        )
        return np.array([row]), np.ones(1, bool)


def gradient_error(truth: NDArray[np.float32], alpha: NDArray[np.float32]) -> float:
    """Return the sum of squared differences of gradient magnitudes, in thousands.

    >>> gradient_error(np.zeros((4, 4), np.float32), np.ones((4, 4), np.float32))
    0.0
    """
    gap = _magnitude(truth) - _magnitude(alpha)
    return float((gap * gap).sum() / 1000)


def connectivity_error(truth: NDArray[np.float32], alpha: NDArray[np.float32]) -> float:
    """Return how much less, or more, pixels hang together with the opaque whole, in thousands.

    A pixel's level is the greatest threshold at which it belongs to the largest 4-connected
    region of pixels that are at least so opaque in both mattes.
    """
    level = np.full(truth.shape, -1.0)
    steps = np.arange(0.0, 1.0 + _STEP, _STEP)
    for before, step in pairwise(steps):
        both = ((truth >= step) & (alpha >= step)).astype(np.uint8)
        largest = _largest(both)
        level[(level == -1) & ~largest] = before
    level[level == -1] = 1.0
    gap = np.abs(_degree(truth, level) - _degree(alpha, level))
    return float(gap.sum() / 1000)


def _magnitude(alpha: NDArray[np.float32]) -> Array:
    smooth = alpha.astype(np.float64)
    down = gaussian_filter(smooth, _SIGMA, order=(1, 0), mode="nearest")
    right = gaussian_filter(smooth, _SIGMA, order=(0, 1), mode="nearest")
    return np.hypot(down, right)


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _degree(alpha: NDArray[np.float32], level: Array) -> Array:
    above = alpha - level
    return 1.0 - above * (above >= _SLACK)


def _matte(name: str, place: int, text: str) -> Metric:
    return Metric(
        name=name,
        family=Mattes,
        better=Better.LOWER,
        per_class=lambda sums: ratio(sums[..., place], sums[..., 4]),
        rule=f"{text}; mean of pictures.",
    )


SAD = _matte("matte_sad", 0, "Sum of absolute differences of alpha, in thousands")
MSE = _matte("matte_mse", 1, "Mean of squared differences of alpha")
GRADIENT = _matte("matte_gradient", 2, "Squared differences of alpha's gradients, in thousands")
CONNECTIVITY = _matte("matte_connectivity", 3, "Lost or false connectedness, in thousands")

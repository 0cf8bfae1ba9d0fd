"""The ground as OpenCV learns it: mixtures of Gaussians, and nearest neighbours."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.surveillance.background import GROUND, MOVING, SHADOW, Background

__all__ = ["Knn", "Mog2"]

HISTORY = 500
"""Frames that the ground is remembered for."""


class _OfOpenCv(Background):
    """Turns OpenCV's levels into labels."""

    def __init__(self, engine: Any) -> None:  # noqa: ANN401 - OpenCV's own type
        super().__init__()
        self._engine = engine

    def _apply(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        levels = np.asarray(self._engine.apply(rgb))
        labels = np.where(levels > 0, SHADOW, GROUND)
        return np.where(levels == 255, MOVING, labels).astype(np.uint8)


class Mog2(_OfOpenCv):
    """Each pixel's ground is a mixture of Gaussians.

    Source:
        Z. Zivkovic, "Improved Adaptive Gaussian Mixture Model for Background Subtraction", ICPR
        2004; OpenCV's implementation (Apache-2.0).
    """

    name = "mog2"

    def __init__(self) -> None:
        super().__init__(cv2.createBackgroundSubtractorMOG2(HISTORY, 16, detectShadows=True))


class Knn(_OfOpenCv):
    """Each pixel's ground is a set of colours that were seen there.

    Source:
        Z. Zivkovic, F. van der Heijden, "Efficient Adaptive Density Estimation per Image Pixel",
        2006; OpenCV's implementation (Apache-2.0).
    """

    name = "knn"

    def __init__(self) -> None:
        super().__init__(cv2.createBackgroundSubtractorKNN(HISTORY, 400.0, detectShadows=True))

"""The ground as each pixel's median colour, learnt and then followed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.surveillance.background import GROUND, MOVING, SHADOW, Background

__all__ = ["Median"]

Plane = NDArray[np.float32]

SAMPLES = 64
"""Frames whose median is taken; after them the median is followed, a small step a frame."""
FLOOR = np.array([9, 5, 5], np.float32)
"""Least levels of Lab that count as a difference: noise of the camera."""
SPREADS = np.float32(3 * 1.4826)
"""Median differences that count as a difference, where those are more."""
LEVEL = np.float32(1.7)
"""Differences from which a pixel is not of the ground."""
STEP, STEP_COVERED = np.float32(0.25), np.float32(0.02)
"""Levels a frame by which the ground is followed, and where something stands before it."""
DARKER = (0.45, 0.97)
"""Lightness of the ground in shadow, as shares of that without."""
TINT = 6.0
"""Levels by which the colour of the ground may change in shadow."""
EVEN = 0.04
"""Spread of that share over a few pixels: shadows keep the ground's pattern."""
UMBRA = 0.2
"""Share of the ground's lightness below which it is the deep shadow under a thing."""


class Median(Background):
    """Each pixel's ground is the median of its colours in Lab, with its own spread.

    Things are what differs; a shadow is an even darkening of the same colour.

    Source:
        Median: own. Following: N. McFarlane, C. Schofield, "Segmentation and Tracking of Piglets in
        Images", 1995. Shadows: after R. Cucchiara et al., "Detecting Moving Objects, Ghosts, and
        Shadows in Video Streams", PAMI 2003.
    """

    name = "median"

    def __init__(self) -> None:
        super().__init__()
        self._samples: list[NDArray[np.uint8]] = []
        self._count = 0
        self._ground = self._spread = np.zeros((0, 0, 3), np.float32)

    def _apply(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab), np.uint8)
        self._gather(lab)
        values = lab.astype(np.float32)
        gap = values - self._ground
        limit = np.maximum(self._spread * SPREADS, FLOOR)
        far = np.sqrt(((gap / limit) ** 2).sum(axis=-1)) > LEVEL
        shadow = far & self._shaded(values, gap)
        self._follow(gap, far)
        return np.where(shadow, SHADOW, np.where(far, MOVING, GROUND)).astype(np.uint8)

    def _gather(self, lab: NDArray[np.uint8]) -> None:
        """Take the median of what was seen, anew whenever that has doubled."""
        if self._count >= SAMPLES:
            return
        self._samples.append(lab)
        self._count += 1
        if self._count & (self._count - 1) == 0:
            stack = np.stack(self._samples)
            self._ground = np.median(stack, axis=0).astype(np.float32)
            gaps = np.abs(stack - self._ground)
            self._spread = np.median(gaps, axis=0).astype(np.float32)
        if self._count == SAMPLES:
            self._samples.clear()

    def _shaded(self, values: Plane, gap: Plane) -> NDArray[np.bool_]:
        """Return where the ground is only darker."""
        light = cv2.blur(values[..., 0] + 1, (3, 3)) / cv2.blur(self._ground[..., 0] + 1, (3, 3))
        mean = cv2.blur(light, (5, 5))
        spread = np.sqrt(np.maximum(cv2.blur(light * light, (5, 5)) - mean * mean, 0))
        spread = cv2.erode(spread, np.ones((5, 5)))  # the evenest window that holds the pixel
        darker = (light > DARKER[0]) & (light < DARKER[1]) & (spread < EVEN)
        same = np.abs(gap[..., 1:]).max(axis=-1) < TINT
        shaded = ((darker | (light < UMBRA)) & same).view(np.uint8)
        return np.asarray(cv2.morphologyEx(shaded, cv2.MORPH_OPEN, np.ones((3, 3)))).view(bool)

    def _follow(self, gap: Plane, far: NDArray[np.bool_]) -> None:
        if self._count < SAMPLES:
            return
        step = np.where(far, STEP_COVERED, STEP)[..., np.newaxis]
        self._ground = self._ground + np.clip(gap, -step, step)
        change = np.clip(np.abs(gap) - self._spread, -step / 4, step / 4)
        self._spread = self._spread + np.where(far[..., np.newaxis], 0, change).astype(np.float32)

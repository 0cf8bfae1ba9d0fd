"""How the camera moved from one frame to the next, told by the ground."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.ops.planar import Planar, small_grey

__all__ = ["Camera", "Shift"]

SIDE = 320
"""Longer side in pixels at which points of the ground are followed."""
MOST, APART, POOREST = 200, 7, 0.01
"""Points: at most so many, so many pixels apart, of so much of the best one's sharpness."""
AROUND = 3
"""Pixels around a thing in which nothing is taken for the ground."""
WINDOW = (15, 15)
MISS = 1.0
"""Pixels by which a point may miss the common motion."""
FEWEST, SHARE = 12, 0.5
"""Points that must share a motion, and their share of all: else nobody knows."""
SPREAD = 0.12
"""Deviation of those points' places, as a share of each side: points on one thing are no ground."""
STILL = 0.3
"""Pixels: a corner of the frame that moves by less stands still."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """A shift with turn and growth of the picture.

    Args:
        turn: (2, 2) float64.
        step: (2,) float64 pixels, x y.
    """

    turn: NDArray[np.float64]
    step: NDArray[np.float64]

    @property
    def growth(self) -> float:
        """By how much lengths grow."""
        return float(np.sqrt(abs(np.linalg.det(self.turn))))

    def box(self, box: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where a box goes; its sides stay upright.

        >>> Shift(np.eye(2) * 2, np.array([10.0, 0.0])).box(np.array([0.0, 0, 4, 4])).tolist()
        [10.0, 0.0, 18.0, 8.0]
        """
        middle = self.turn @ ((box[:2] + box[2:]) / 2) + self.step
        half = (box[2:] - box[:2]) / 2 * self.growth
        return np.concatenate([middle - half, middle + half])


class Camera:
    """Follows points of the ground from frame to frame.

    Source:
        N. Aharon, R. Orfaig, B.-Z. Bobrovsky, "BoT-SORT: Robust Associations Multi-Pedestrian
        Tracking", 2022: sharp points outside the things, followed by the optical flow of Lucas
        and Kanade, and the similarity that most of them agree on (RANSAC). Own code.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None
        self._points: NDArray[np.float32] = np.zeros((0, 1, 2), np.float32)

    def follow(self, image: Image, boxes: NDArray[np.float64]) -> Shift | None:
        """Return how the ground moved since the last frame; None: not at all, or nobody knows.

        Args:
            image: The next frame.
            boxes: (N, 4) x0 y0 x1 y1 of the things in it, which are no ground.
        """
        scale = min(1.0, SIDE / max(image.size))
        size = (max(1, round(image.height * scale)), max(1, round(image.width * scale)))
        picture = image.plane if isinstance(image.plane, Planar) else image.pixels
        grey = small_grey(picture, size)
        last, points = self._last, self._points
        self._last, self._points = grey, _ground(grey, boxes * scale)
        if last is None or last.shape != grey.shape or len(points) < FEWEST:
            return None
        moved, found, _ = cv2.calcOpticalFlowPyrLK(last, grey, points, None, winSize=WINDOW)
        kept = found.reshape(-1) > 0
        law = _common(points[kept, 0], moved[kept, 0], grey.shape)
        if law is None or _most_moved(law, grey.shape) < STILL:
            return None
        return Shift(law[:, :2], law[:, 2] / scale)


def _ground(grey: NDArray[np.uint8], boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return sharp points (N, 1, 2) outside of the boxes."""
    free = np.full(grey.shape, 255, np.uint8)
    low = np.maximum(np.floor(boxes[:, :2]) - AROUND, 0).astype(int)
    high = np.maximum(np.ceil(boxes[:, 2:]) + AROUND, 0).astype(int)
    for (x0, y0), (x1, y1) in zip(low, high, strict=True):
        free[y0:y1, x0:x1] = 0
    points = cv2.goodFeaturesToTrack(grey, MOST, POOREST, APART, mask=free)
    return np.zeros((0, 1, 2), np.float32) if points is None else np.asarray(points, np.float32)


def _common(
    points: NDArray[np.float32], moved: NDArray[np.float32], size: tuple[int, ...]
) -> NDArray[np.float64] | None:
    """Return the similarity (2, 3) that most points follow, all over the frame; None: none."""
    if len(points) < FEWEST:
        return None
    law, agree = cv2.estimateAffinePartial2D(points, moved, ransacReprojThreshold=MISS)
    if law is None:
        return None
    chosen = agree.reshape(-1) > 0
    if chosen.sum() < max(FEWEST, SHARE * len(points)):
        return None
    spread = points[chosen].std(axis=0) / size[::-1]
    return np.asarray(law, np.float64) if spread.min() >= SPREAD else None


def _most_moved(law: NDArray[np.float64], size: tuple[int, ...]) -> float:
    height, width = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    return float(np.abs(corners @ law.T - corners[:, :2]).max())

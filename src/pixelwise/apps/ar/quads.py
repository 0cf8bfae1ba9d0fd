"""Four corners in a frame, where a picture's corners go."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["UNIT", "Place", "Quad", "on_plane", "upright"]

Quad = NDArray[np.float32]
"""(4, 2) x y: a picture's top left, top right, bottom right, bottom left; borders, not centres."""

UNIT: Quad = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a picture is shown.

    Args:
        corners: Of the picture, in pixels of the frame.
        is_front: Whether it is before the person.
    """

    corners: Quad
    is_front: bool = False


def upright(middle: NDArray[Any], width: float, aspect: float, turn: float = 0.0) -> Quad:
    """Return the corners of a rectangle that is turned clockwise by so many degrees.

    Args:
        middle: x y.
        width: In pixels.
        aspect: Height through width.
        turn: Degrees.

    >>> upright(np.array([5, 5]), 4, 0.5).tolist()
    [[3.0, 4.0], [7.0, 4.0], [7.0, 6.0], [3.0, 6.0]]
    """
    angle = np.radians(turn)
    right = np.array([np.cos(angle), np.sin(angle)]) * width / 2
    down = np.array([-np.sin(angle), np.cos(angle)]) * width * aspect / 2
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([middle + x * right + y * down for x, y in signs], np.float32)


def on_plane(marker: Quad, places: NDArray[Any]) -> Quad:
    """Return where places (N, 2) of a marker's plane, whose sides are 1, lie in the frame.

    >>> on_plane(np.float32([[0, 0], [2, 0], [2, 2], [0, 2]]), np.array([[0.5, 0.5]])).tolist()
    [[1.0, 1.0]]
    """
    matrix = cv2.getPerspectiveTransform(UNIT, marker.astype(np.float32))
    moved = cv2.perspectiveTransform(places.reshape(-1, 1, 2).astype(np.float64), matrix)
    return np.asarray(moved, np.float32).reshape(-1, 2)

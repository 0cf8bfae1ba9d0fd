"""Where a contour starts: the area that prompts speak of."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Prompts
from pixelwise.errors import InputError
from pixelwise.ops.levelset import grow

__all__ = ["start_mask"]

DOT = 3
"""Radius to which points and scribbles are grown, pixels."""


def start_mask(prompts: Prompts | None, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the area from which a contour starts, bool of ``size``.

    Boxes are filled; masks are taken as they are; points and scribbles of objects become dots.
    Without any of these it is the whole picture but a thin frame. What is marked as background
    is left out.

    Raises:
        InputError: A prompt lies outside the picture.

    >>> start_mask(Prompts(boxes=[(1, 0, 3, 1)]), (1, 4)).tolist()
    [[False, True, True, False]]
    """
    if prompts is None:
        return _framed(size)
    markers = prompts.markers(size)
    started = markers > 0
    if np.size(prompts.points) or prompts.scribbles:
        for _ in range(DOT):
            started = grow(started)
    for box in np.asarray(prompts.boxes):
        started[_window(box, size)] = True
    if not started.any():
        started = _framed(size)
    return started & (markers != 0)


def _framed(size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return all but a frame of a twentieth of each side (an axis of 2 or less has none)."""
    inside = np.zeros(size, bool)
    frames = [0 if side < 3 else max(1, side // 20) for side in size]
    inside[tuple(slice(f, side - f) for f, side in zip(frames, size, strict=True))] = True
    return inside


def _window(box: NDArray[np.float32], size: tuple[int, ...]) -> tuple[slice, ...]:
    x0, y0, x1, y1 = (int(np.rint(edge)) for edge in box)
    if x0 >= size[-1] or y0 >= size[-2] or x1 <= 0 or y1 <= 0:
        raise InputError(f"the box {box.tolist()} lies outside the picture {size}")
    rows, columns = slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0))
    return (*(slice(None) for _ in size[:-2]), rows, columns)

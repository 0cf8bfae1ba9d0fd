"""A picture brought to the size of a network's input."""

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Fit, InputSpec
from pixelwise.errors import InputError
from pixelwise.ops.resize import (
    Window,
    shrink_to_corners,
    shrink_to_letterbox,
    shrink_to_stretch,
)

__all__ = ["fitted", "starts"]


def fitted(pixels: NDArray[Any], spec: InputSpec) -> tuple[NDArray[Any], Window]:
    """Return a picture (H, W, C) as a network sees it, and where the picture lies in that.

    Raises:
        InputError: It is larger than the network takes.
    """
    match spec.fit:
        case Fit.CORNERS if pixels.dtype == np.uint8:
            return shrink_to_corners(pixels, spec.size), Window()
        case Fit.CORNERS | Fit.STRETCH:
            return shrink_to_stretch(pixels, spec.size), Window()
        case Fit.LETTERBOX:
            return shrink_to_letterbox(pixels, spec.size, max(0, spec.pad))
        case Fit.SHORT_SIDE | Fit.WINDOWS:
            return _bordered(shrink_to_stretch(pixels, _short_side(pixels, spec)), spec)
        case Fit.FREE | Fit.TILES:
            return _padded(pixels, spec)


def starts(length: int, side: int) -> tuple[int, ...]:
    """Return where windows of one side begin that cover a length and overlap alike.

    >>> starts(10, 4), starts(8, 4), starts(4, 4)
    ((0, 3, 6), (0, 4), (0,))
    """
    count = ceil(length / side)
    return tuple(number * (length - side) // max(1, count - 1) for number in range(count))


def _short_side(pixels: NDArray[Any], spec: InputSpec) -> tuple[int, int]:
    rows, columns = pixels.shape[:2]
    factor = max(spec.height, 1) / min(rows, columns)
    if spec.longest:
        factor = min(factor, spec.longest / max(rows, columns))
    step = spec.multiple
    height, width = (max(1, round(side * factor / step)) * step for side in (rows, columns))
    return height, width


def _bordered(pixels: NDArray[Any], spec: InputSpec) -> tuple[NDArray[Any], Window]:
    """Return the pixels with a border to the right and below, to the multiple wanted."""
    rows, columns = pixels.shape[:2]
    step = spec.pad_multiple
    down, along = -rows % step, -columns % step
    if not down and not along:
        return pixels, Window()
    made = np.pad(pixels, ((0, down), (0, along), (0, 0)), constant_values=max(0, spec.pad))
    return made, Window(bottom=rows / (rows + down), right=columns / (columns + along))


def _padded(pixels: NDArray[Any], spec: InputSpec) -> tuple[NDArray[Any], Window]:
    """Return the pixels with their last rows and columns repeated up to the size wanted."""
    rows, columns = pixels.shape[:2]
    step = spec.multiple
    height = spec.height or -(-rows // step) * step
    width = spec.width or -(-columns // step) * step
    if rows > height or columns > width:
        raise InputError(
            f"this network takes pictures of up to {width}x{height}, not {columns}x{rows}; "
            "cut the picture into tiles",
            reason="size",
        )
    padding = ((0, height - rows), (0, width - columns), (0, 0))
    window = Window(bottom=rows / height, right=columns / width)
    return np.pad(pixels, padding, mode="edge"), window

"""Pictures brought to a network's size, and the way back."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = [
    "KERNELS",
    "Window",
    "lay_corners",
    "shrink_to_corners",
    "shrink_to_letterbox",
    "shrink_to_stretch",
]

KERNELS = Kernels("pixelwise.ops.resize_kernels")
"""The compiled twin of :func:`lay_corners`."""

FRACTIONS = 32
"""Source positions are rounded to this share of a pixel, as OpenCV 4's and MediaPipe's warp."""

MUCH = 2
"""Beyond this factor averages are taken over a pattern of the pixels."""

WIDEST, SPARSEST = 4, 9
"""Pixels between the places of that pattern, at most, and pixels for each of them."""

LONGEST = 32767
"""Sides from here on are too long for the maps."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the network's input that holds the picture, in shares of the input's sides.

    Args:
        top: Where the picture's first row begins.
        bottom: Where its last row ends.
        left: Where its first column begins.
        right: Where its last column ends.
    """

    top: float = 0.0
    bottom: float = 1.0
    left: float = 0.0
    right: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether the picture fills the input."""
        return (self.top, self.bottom, self.left, self.right) == (0, 1, 0, 1)


def shrink_to_corners(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture at another size, its top-left corner on the top-left corner.

    Bilinear between the pixels at ``x * width / new_width``, without the half pixel of the usual
    rule, places rounded to 1/32 pixel, the border repeated: what MediaPipe feeds its models, bit
    by bit. The aspect is not kept.

    Args:
        pixels: (H, W, C) uint8, 1 to 4 channels.
        size: (height, width) wanted.

    >>> shrink_to_corners(np.arange(8, dtype=np.uint8).reshape(1, 8, 1), (1, 4)).ravel().tolist()
    [0, 2, 4, 6]
    """
    height, width = pixels.shape[:2]
    if max(height, width) >= LONGEST:
        return _by_hand(pixels, size)
    places, fractions = _corner_maps(height, width, size)
    made = cv2.remap(pixels, places, fractions, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _with_channels(made, pixels)


def lay_corners(
    pixels: NDArray[np.uint8], target: NDArray[np.float32], mean: float, factor: float
) -> None:
    """Write ``(shrunk - mean) * factor`` into ``target``, shrunk as by :func:`shrink_to_corners`.

    Args:
        pixels: (H, W, C) uint8, 1 to 4 channels.
        target: (h, w, C) float32, contiguous.
        mean: Taken off each channel.
        factor: Times this.

    >>> target = np.empty((1, 4, 1), np.float32)
    >>> lay_corners(np.arange(8, dtype=np.uint8).reshape(1, 8, 1), target, 2, 0.5)
    >>> target.ravel().tolist()
    [-1.0, 0.0, 1.0, 2.0]
    """
    kernels = KERNELS.ready()
    if kernels is None:
        np.copyto(target, shrink_to_corners(pixels, target.shape[:2]))
        target -= np.float32(mean)
        target *= np.float32(factor)
        return
    height, width, channels = pixels.shape
    rows, columns = _corner_steps(height, width, channels, target.shape[:2])
    kernels.lay_corners(
        np.ascontiguousarray(pixels).reshape(height, width * channels),
        rows,
        columns,
        channels,
        np.float32(mean),
        np.float32(factor),
        target.reshape(len(target), -1),
    )


def shrink_to_stretch(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return a picture at another size by the half-pixel rule; the aspect is not kept.

    Averaged over its area where both sides shrink, so that nothing between the samples is lost,
    else bilinear. Where bytes shrink much, not every pixel is read but an even pattern of at
    least four ninths of them: within a third of a level of the whole average of photographs, a
    dozen at hard edges, in a third of the time.

    Args:
        pixels: (H, W, C) uint8, uint16 or float32, 1 to 4 channels.
        size: (height, width) wanted.

    >>> shrink_to_stretch(np.full((9, 9, 3), 7, np.uint8), (3, 5)).shape
    (3, 5, 3)
    """
    height, width = size
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    factor = min(pixels.shape[0] / height, pixels.shape[1] / width)
    if factor > MUCH and pixels.dtype == np.uint8:
        pixels = _sampled(pixels, size)
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    made = cv2.resize(pixels, (width, height), interpolation=way)
    return _with_channels(made, pixels)


def shrink_to_letterbox(
    pixels: NDArray[Any], size: tuple[int, int], pad: int = 0
) -> tuple[NDArray[Any], Window]:
    """Return a picture at another size with its aspect kept, padded to the right and below.

    Args:
        pixels: (H, W, C) uint8, uint16 or float32, 1 to 4 channels.
        size: (height, width) wanted.
        pad: Value of the padding.

    Returns:
        The padded picture, and where in it the picture lies.

    >>> shrink_to_letterbox(np.ones((2, 4, 1), np.uint8), (4, 4))[1].bottom
    0.5
    """
    height, width = size
    factor = min(height / pixels.shape[0], width / pixels.shape[1])
    rows = max(1, min(height, round(pixels.shape[0] * factor)))
    columns = max(1, min(width, round(pixels.shape[1] * factor)))
    made = np.full((height, width, pixels.shape[2]), pad, pixels.dtype)
    made[:rows, :columns] = shrink_to_stretch(pixels, (rows, columns))
    return made, Window(bottom=rows / height, right=columns / width)


def _sampled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture at powers of two times ``size``, each pixel the mean of 2 x 2 neighbours.

    One of nine places is taken, or more, and no two lie further apart than ``WIDEST``. Where all
    lie an odd number apart, each neighbour is a pixel and nothing is between: it is picked, which
    is faster and the same.
    """
    times = np.array([2, 2])
    apart = np.array(pixels.shape[:2]) / (times * size)
    while apart.max() > WIDEST or apart.prod() > SPARSEST:
        axis = apart.argmax()
        times[axis] *= 2
        apart[axis] /= 2
    height, width = (times * size).tolist()
    picked = not (apart % 2 - 1).any()
    way = cv2.INTER_NEAREST_EXACT if picked else cv2.INTER_LINEAR
    return _with_channels(cv2.resize(pixels, (width, height), interpolation=way), pixels)


@lru_cache(maxsize=32)
def _corner_maps(
    height: int, width: int, size: tuple[int, int]
) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """Return OpenCV's fixed-point maps: whole pixels, and 1/32 of pixels in one number."""
    y, fy = _corner_places(height, size[0])
    x, fx = _corner_places(width, size[1])
    places = np.empty((*size, 2), np.int16)
    places[..., 0], places[..., 1] = x, y[:, np.newaxis]
    return places, (fy[:, np.newaxis] * FRACTIONS + fx).astype(np.uint16)


@lru_cache(maxsize=32)
def _corner_steps(
    height: int, width: int, channels: int, size: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
    """Return first place, second place and 32nds of the second, for lines and bytes of a line."""
    steps = []
    for length, samples in ((height, size[0]), (width, size[1])):
        first, part = _corner_places(length, samples)
        steps.append(np.stack([first, np.minimum(first + 1, length - 1), part]))
    steps[1][:2] *= channels
    return steps[0].astype(np.int32), steps[1].astype(np.uint64)


def _corner_places(length: int, samples: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    fixed = np.rint(np.arange(samples) * (length / samples) * FRACTIONS).astype(np.int64)
    return fixed // FRACTIONS, fixed % FRACTIONS


def _by_hand(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Do what the maps cannot, as their places have 16 bits."""
    y, fy = _corner_places(pixels.shape[0], size[0])
    x, fx = _corner_places(pixels.shape[1], size[1])
    fx, fy = fx[:, np.newaxis], fy[:, np.newaxis, np.newaxis]
    right, below = np.minimum(x + 1, pixels.shape[1] - 1), np.minimum(y + 1, pixels.shape[0] - 1)

    def row(which: NDArray[np.int64]) -> NDArray[np.int64]:
        lines = pixels[which]
        return lines[:, x] * (FRACTIONS - fx) + lines[:, right] * fx

    total = row(y) * (FRACTIONS - fy) + row(below) * fy
    return ((total + FRACTIONS**2 // 2) // FRACTIONS**2).astype(np.uint8)


def _with_channels(made: Any, pixels: NDArray[Any]) -> NDArray[Any]:  # noqa: ANN401
    """Return OpenCV's answer with the channel axis that it drops where there is one channel."""
    return np.asarray(made).reshape(*made.shape[:2], pixels.shape[2])

"""Block means of a picture, and the way back by linear enlarging."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["EXACT", "KERNELS", "Coarse", "shrunk", "shrunk_softly", "spread"]

KERNELS = Kernels("pixelwise.ops.blend_kernels")
"""The compiled twins of growing blocks, and of what ``blend`` and ``matte`` do with them."""

SHRINKING = Kernels("pixelwise.ops.shrink_kernels")
"""The compiled twin of the first two steps of shrinking softly."""

EXACT = 8
"""Up to this factor 16 bits hold the sums of growing."""

SOFT = 4
"""The factor up to which shrinking softly is one step."""

UP = 1 / 1024
"""So little more sends halves up, as whole numbers do, where OpenCV would make them even."""


def shrunk(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the means of factor x factor blocks; the picture is mirrored to whole blocks.

    Args:
        pixels: (H, W, C) uint8.
        factor: A power of two.

    >>> shrunk(np.array([[[0], [4]], [[8], [8]]], np.uint8), 2).tolist()
    [[[5]]]
    """
    made = _framed(pixels, factor, 0)
    while factor > 1:  # halving again and again is what OpenCV does fastest
        made = _halved(made)
        factor //= 2
    return made


def shrunk_softly(pixels: NDArray[np.uint8], factor: int, margin: int = 0) -> NDArray[np.uint8]:
    """Return blocks smoothed a little before every halving but the first.

    So fine texture does not come back as coarse blotches.

    Args:
        pixels: (H, W, C) uint8.
        factor: A power of two.
        margin: Blocks of the mirrored picture wanted on every side of it.

    >>> shrunk_softly(np.full((8, 8, 3), 7, np.uint8), 4, margin=2).shape
    (6, 6, 3)
    """
    if factor < SOFT:
        made = _framed(pixels, factor, margin * factor)
        return made if factor == 1 else _halved(made)
    made = _quartered(pixels, factor, margin * factor)
    while factor > SOFT:
        smooth = cv2.GaussianBlur(made, (3, 3), 0, borderType=cv2.BORDER_REFLECT)
        made = _halved(smooth.reshape(made.shape))
        factor //= 2
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """A picture kept as blocks, which grows linearly, by the half-pixel rule, when asked for.

    Args:
        blocks: (h, w, C) uint8.
        factor: Pixels of a block's side, a power of two; 1: the blocks are the pixels.
        size: (height, width) that is cut out of the grown blocks, from the top left.
    """

    blocks: NDArray[np.uint8]
    factor: int
    size: tuple[int, int]

    @property
    def is_exact(self) -> bool:
        """Whether 16 bits hold every sum of growing, so that each value is rounded just once."""
        return 1 < self.factor <= EXACT

    def widened(self) -> NDArray[np.uint16]:
        """Return the blocks grown in width only: (h, W C) uint16, levels times 128 / factor."""
        levels = np.multiply(self.blocks, np.uint16(128 // self.factor))
        whole = (levels.shape[1] * self.factor, len(levels))
        made = cv2.resize(levels, whole, interpolation=cv2.INTER_LINEAR)
        bytes_wide = self.size[1] * self.blocks.shape[2]
        return np.asarray(made, np.uint16).reshape(len(levels), -1)[:, :bytes_wide]

    def rows(self) -> NDArray[np.uint8]:
        """Return the blocks as rows (h, w C), contiguous."""
        return np.ascontiguousarray(self.blocks).reshape(len(self.blocks), -1)

    def grown(self) -> NDArray[np.uint8]:
        """Return the picture, (H, W, C) uint8, a new array.

        >>> Coarse(np.full((2, 2, 1), 9, np.uint8), 4, (7, 5)).grown().shape
        (7, 5, 1)
        """
        if self.factor == 1:
            return self.blocks[: self.size[0], : self.size[1]].copy()
        kernels = KERNELS.ready() if self.is_exact else None
        if kernels is None:
            return self._grown()
        made = np.empty((*self.size, self.blocks.shape[2]), np.uint8)
        kernels.enlarge(self.rows(), self.factor, made.shape[2], made.reshape(len(made), -1))
        return made

    def _grown(self) -> NDArray[np.uint8]:
        """Do the same through OpenCV; its sums of 16-bit levels are exact up to factor 8."""
        levels = np.multiply(self.blocks, np.uint16(256))
        whole = (levels.shape[1] * self.factor, len(levels) * self.factor)
        made = cv2.resize(levels, whole, interpolation=cv2.INTER_LINEAR)
        made = cv2.convertScaleAbs(made, alpha=1 / 256, beta=UP)
        cut = made.reshape(whole[1], whole[0], -1)[: self.size[0], : self.size[1]]
        return np.ascontiguousarray(cut, np.uint8)


def spread(factor: int) -> float:
    """Return the variance that :func:`shrunk_softly` and :class:`Coarse` blur by themselves.

    >>> spread(1), spread(2), spread(4)
    (0.0, 1.0, 6.0)
    """
    if factor == 1:
        return 0.0
    averaging, smoothing = (factor**2 - 1) / 12, (factor**2 - 4) / 6
    enlarging = (2 * factor**2 + 1) / 12
    return averaging + smoothing + enlarging


def _quartered(pixels: NDArray[np.uint8], factor: int, edge: int) -> NDArray[np.uint8]:
    """Return the framed picture halved, smoothed and halved, each value rounded once.

    Along each axis that is a sum of eight pixels, 1 1 3 3 3 3 1 1 of 16, every fourth pixel.
    """
    rows, columns = (_places(side, factor, edge) for side in pixels.shape[:2])
    kernels = SHRINKING.ready()
    if kernels is None:
        return _quartered_plainly(pixels, rows, columns)
    made = np.empty((len(rows) // 4 - 1, len(columns) // 4 - 1, pixels.shape[2]), np.uint8)
    lines = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    kernels.quarter(lines, rows, columns, edge + 2, made)
    return made


def _quartered_plainly(
    pixels: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.uint8]:
    pairs = np.add(pixels[rows[::2]], pixels[rows[1::2]], dtype=np.uint16)
    tall = pairs[:-3:2] + pairs[3::2] + 3 * (pairs[1:-2:2] + pairs[2:-1:2])
    pairs = tall[:, columns[::2]] + tall[:, columns[1::2]]
    total = pairs[:, :-3:2] + pairs[:, 3::2] + 3 * (pairs[:, 1:-2:2] + pairs[:, 2:-1:2])
    return ((total + 128) >> 8).astype(np.uint8)  # 256 x 255 + 128 fits 16 bits


@lru_cache(maxsize=32)
def _places(length: int, factor: int, edge: int) -> NDArray[np.int64]:
    """Return which of ``length`` lines stands at each place of the framed picture.

    The first two and the last two stand there once more: smoothing mirrors what was halved.

    >>> _places(4, 4, 4).tolist()
    [2, 3, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 0, 1]
    """
    wanted = np.arange(-edge, length + edge + -length % factor)
    period = max(2 * length - 2, 1)
    wanted = np.abs((wanted + length - 1) % period - (length - 1))
    places = np.concatenate([wanted[:2], wanted, wanted[-2:]])
    places.flags.writeable = False  # the cache shares it
    return places


def _framed(pixels: NDArray[np.uint8], factor: int, edge: int) -> NDArray[np.uint8]:
    """Return the picture with ``edge`` mirrored pixels around it, and more to whole blocks."""
    below, right = edge + -pixels.shape[0] % factor, edge + -pixels.shape[1] % factor
    if not below and not right:
        return pixels
    mirrored = cv2.copyMakeBorder(pixels, edge, below, edge, right, cv2.BORDER_REFLECT_101)
    return np.asarray(mirrored, np.uint8).reshape(*mirrored.shape[:2], pixels.shape[2])


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    width, height = pixels.shape[1] // 2, pixels.shape[0] // 2
    half = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8).reshape(height, width, pixels.shape[2])

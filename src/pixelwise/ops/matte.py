"""The foreground's own colours at soft edges, without what shines through from behind."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.blend import paste
from pixelwise.ops.blocks import EXACT, KERNELS, Coarse, shrunk

__all__ = ["KERNELS", "Sides", "block_side", "foreground_colours", "guessed", "paste_clean"]

WIDE, NARROW = 90, 7
"""Radii of the two rounds in pixels, as in the paper; they grow with pictures above ``USUAL``."""

USUAL = 1024
PURE = 4
"""Power of the weights of the first round: mixed pixels, which lie, hardly speak (not in the
paper, which takes 1 and so leaves a seventh of the halo in our tests)."""

WHOLE = 255 * 255
"""What divides a product of two levels."""

COARSE = 90
"""The shorter side is shrunk to about this: neighbouring colours need no finer grid."""


def foreground_colours(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with the foreground's own colour wherever the alpha is soft.

    A pixel at a soft edge shows alpha x foreground + (1 - alpha) x background. Both colours are
    guessed from the neighbours, each weighted by how much it belongs to one side, first far, then
    near; then the foreground is corrected so that the sum comes closer to the pixel. The far and
    near guesses are made at a coarse size, the correction pixel by pixel.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: (H, W) uint8.

    Returns:
        (H, W, 3) uint8, a new array: ``pixels`` where alpha is 255; the guess where alpha is 0.

    Source:
        M. Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021 (blur fusion, two
        rounds); the problem as in T. Germer et al., "Fast Multi-Level Foreground Estimation",
        ICPR 2020. Own code.

    >>> half = np.array([[[255, 0, 0], [128, 0, 128], [0, 0, 255]]], np.uint8)
    >>> foreground_colours(half, np.array([[255, 128, 0]], np.uint8))[0, 1].tolist()
    [246, 0, 9]
    """
    pixels, alpha = np.ascontiguousarray(pixels), np.ascontiguousarray(alpha)
    return _sides(pixels, alpha).colours(pixels, alpha)


def paste_clean(
    onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]
) -> None:
    """Lay the foreground over ``onto``, which is changed, in the colours that are its own.

    The same as pasting :func:`foreground_colours`, which are made only where alpha is soft.

    Args:
        onto: (H, W, 3) uint8, another background; C-contiguous.
        pixels: (H, W, 3) uint8, the foreground before the old one.
        alpha: (H, W) uint8.

    >>> made = np.uint8([[[0, 0, 0], [0, 255, 0], [0, 255, 0]]])
    >>> half = np.array([[[255, 0, 0], [128, 0, 128], [0, 0, 255]]], np.uint8)
    >>> paste_clean(made, half, np.array([[255, 128, 0]], np.uint8))
    >>> made.tolist()
    [[[255, 0, 0], [123, 127, 5], [0, 255, 0]]]
    """
    pixels, alpha = np.ascontiguousarray(pixels), np.ascontiguousarray(alpha)
    _sides(pixels, alpha).lay(onto, pixels, alpha)


def block_side(size: tuple[int, ...]) -> int:
    """Return the side of the blocks in which the colours of such a picture are guessed.

    >>> block_side((100, 100)), block_side((720, 1280)), block_side((9000, 9000))
    (1, 8, 8)
    """
    side = 1
    while side < EXACT and min(size) >= 2 * side * COARSE:
        side *= 2
    return side


def guessed(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], side: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the guessed foreground and background of every block, (h, w, C) uint8 each.

    Args:
        pixels: (h, w, C) uint8, the means of the blocks.
        alpha: (h, w, 1) uint8, likewise.
        side: Of a block in pixels.
    """
    colours = pixels.astype(np.float32)
    share = (alpha / np.float32(255)).astype(np.float32)
    scale = max(1.0, min(pixels.shape[:2]) * side / USUAL) / side
    far, near = max(1, round(WIDE * scale)), max(1, round(NARROW * scale))
    front = _weighted(colours, share**PURE, far)
    back = _weighted(colours, (1 - share) ** PURE, far)
    front = np.clip(front + share * (colours - share * front - (1 - share) * back), 0, 255)
    front, back = _weighted(front, share, near), _weighted(back, 1 - share, near)
    return np.rint(front).astype(np.uint8), np.rint(back).astype(np.uint8)


def _weighted(
    values: NDArray[np.float32], weight: NDArray[np.float32], radius: int
) -> NDArray[np.float32]:
    """Return the weighted mean around each pixel; where nothing weighs, the value stays."""
    side = (2 * radius + 1, 2 * radius + 1)
    total = cv2.blur(weight, side).reshape(weight.shape)
    summed = cv2.blur(values * weight, side).reshape(values.shape)
    return np.asarray((summed + values * np.float32(1e-5)) / (total + np.float32(1e-5)))


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """The guessed colours on both sides of a soft edge.

    Args:
        front: Those of the foreground, of C channels.
        back: Those of what is behind it.
    """

    front: Coarse
    back: Coarse

    def colours(self, pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the foreground's own colours, (H, W, C) uint8, the guess where nothing is.

        Args:
            pixels: (H, W, C) uint8, C-contiguous.
            alpha: (H, W) uint8, C-contiguous.
        """
        colours = self.front.grown()
        behind = self.back.grown().reshape(-1)
        kernels = KERNELS.ready()
        correct = _correct if kernels is None else kernels.correct
        correct(colours.reshape(-1), behind, pixels.reshape(-1), alpha.reshape(-1))
        cv2.copyTo(pixels, (alpha == 255).view(np.uint8), colours)
        return colours

    def lay(
        self, onto: NDArray[np.uint8], pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]
    ) -> None:
        """Lay the foreground over ``onto``, which is changed; all three are C-contiguous."""
        kernels = KERNELS.ready()
        if kernels is None:
            paste(onto, self.colours(pixels, alpha), alpha)
            return
        kernels.settle(
            self.front.widened(),
            self.back.widened(),
            self.front.factor,
            pixels.reshape(-1),
            alpha.reshape(-1),
            onto.reshape(len(onto), -1),
        )


def _sides(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Sides:
    side, (height, width) = block_side(alpha.shape), alpha.shape
    front, back = guessed(shrunk(pixels, side), shrunk(alpha[..., np.newaxis], side), side)
    return Sides(Coarse(front, side, (height, width)), Coarse(back, side, (height, width)))


def _correct(
    front: NDArray[np.uint8],
    back: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
) -> None:
    """Bring ``front``, in place, closer to what the soft pixels show.

    All are flat, (C N,) and alpha (N,) uint8. There equal to the compiled kernel to the last bit.
    """
    channels = len(front) // len(alpha)
    band = np.flatnonzero((alpha > 0) & (alpha < 255))
    share = np.repeat(alpha[band].astype(np.int32), channels)
    guess, behind, shown = (
        flat.reshape(-1, channels).take(band, axis=0).reshape(-1).astype(np.int32)
        for flat in (front, back, pixels)
    )
    rest = 255 * shown - share * guess - (255 - share) * behind
    level = np.clip(guess + (share * rest + WHOLE // 2) // WHOLE, 0, 255)
    front.reshape(-1, channels)[band] = level.astype(np.uint8).reshape(-1, channels)

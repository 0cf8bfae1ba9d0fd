"""The guided filter: values that follow the edges of a picture, by local linear models."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import Kernels

__all__ = ["KERNELS", "guided", "guided_by", "inverted", "local_lines", "times"]

Values = NDArray[np.float32]

KERNELS = Kernels("pixelwise.ops.guided_kernels")

LEAST = 1e-24
"""Determinants below this are taken for it."""

STRIP = 64
"""Rows that are worked on at once: a strip stays in the processor's cache."""


def guided(guide: Values, values: Values, radius: int, smoothness: float) -> Values:
    """Return ``values`` smoothed, but not across the edges of ``guide``.

    Args:
        guide: (H, W, C) float32, 1 or 3 channels, 0..1.
        values: (H, W) float32.
        radius: Of the square windows, in pixels.
        smoothness: Variance of the guide below which a window counts as flat.

    Source:
        K. He, J. Sun, X. Tang, "Guided Image Filtering", PAMI 35(6), 2013. Own code.

    >>> step = np.repeat(np.float32([[[0], [0], [1], [1]]]), 4, axis=0)
    >>> guided(step, step[..., 0], 1, 1e-6).round(2)[0].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    slopes, offset = local_lines(guide, values, radius, smoothness)
    return np.asarray((slopes * guide).sum(axis=-1) + offset, np.float32)


def local_lines(
    guide: Values, values: Values, radius: int, smoothness: float
) -> tuple[Values, Values]:
    """Return slopes (H, W, C) and offset (H, W): ``values`` is about ``slopes . guide + offset``.

    The arguments are those of :func:`guided`.
    """
    mean = _box(guide, radius)
    level = _box(values[..., np.newaxis], radius)
    together = _box(guide * values[..., np.newaxis], radius) - mean * level
    if guide.shape[-1] == 1:
        spread = _box(guide * guide, radius) - mean * mean
        slopes = np.asarray(together / (spread + np.float32(smoothness)), np.float32)
    else:
        slopes = _slopes(guide, mean, together, radius, smoothness)
    offset = level[..., 0] - (slopes * mean).sum(axis=-1)
    return _box(slopes, radius), _box(offset[..., np.newaxis], radius)[..., 0]


def guided_by(
    grey: NDArray[np.uint8], lines: tuple[Values, Values], target: Values, wanted: NDArray[np.bool_]
) -> None:
    """Write ``slope * grey + offset``, cut to 0..1, into ``target`` where it is wanted.

    Lines found on a small picture serve the large one (K. He, J. Sun, "Fast Guided Filter",
    2015).

    Args:
        grey: (H, W) uint8, the guide.
        lines: Slope (h, w, 1), for a guide of 0..1, and offset (h, w), at any size.
        target: (H, W) float32, changed in place.
        wanted: (h, w) bool; ``target`` is written in these cells alone.
    """
    slope = np.asarray(lines[0], np.float32).reshape(wanted.shape) / np.float32(255)
    both = np.stack([slope, np.asarray(lines[1], np.float32)])
    kernels = KERNELS.ready()
    if kernels is None:
        _by_strips(grey, both, target, wanted)
        return
    (height, width), (rows, columns) = grey.shape, wanted.shape
    upper, down = _between(rows, height)
    left, along = _between(columns, width)
    kernels.lines_at(
        grey,
        both,
        wanted,
        upper,
        left,
        down,
        along,
        np.searchsorted(_nearest(columns, width), np.arange(columns + 1)),
        _nearest(rows, height),
        target,
    )


def _by_strips(
    grey: NDArray[np.uint8], lines: Values, target: Values, wanted: NDArray[np.bool_]
) -> None:
    """Do what the kernel does, for whole strips of the picture."""
    height, width = grey.shape
    slope, offset = (cv2.resize(plane, (width, height)) for plane in lines)
    places = np.ix_(_nearest(wanted.shape[0], height), _nearest(wanted.shape[1], width))
    for first in range(0, height, STRIP):
        rows = slice(first, min(height, first + STRIP))
        here = wanted[places[0][rows], places[1]]
        if here.any():
            made = cv2.multiply(grey[rows], slope[rows], dtype=cv2.CV_32F)
            cv2.add(made, offset[rows], dst=made)
            np.copyto(target[rows], np.clip(made, 0, 1), where=here)


def _nearest(cells: int, pixels: int) -> NDArray[np.intp]:
    """Return the cell in which each pixel lies, (pixels,)."""
    return (np.arange(pixels) * (cells / pixels)).astype(np.intp)


def _between(cells: int, pixels: int) -> tuple[NDArray[np.intp], Values]:
    """Return for each pixel the first of the two cells it lies between, and the other's share."""
    places = (np.arange(pixels) + 0.5) * (cells / pixels) - 0.5
    places = np.clip(places, 0, cells - 1)
    first = np.floor(places).astype(np.intp)
    return first, (places - first).astype(np.float32)


def _box(values: Values, radius: int) -> Values:
    side = 2 * radius + 1
    made = cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(made, np.float32).reshape(values.shape)


def _slopes(
    guide: Values, mean: Values, together: Values, radius: int, smoothness: float
) -> Values:
    """Solve the 3 x 3 system of every window by its adjugate."""
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    products = np.stack([guide[..., i] * guide[..., j] for i, j in pairs], axis=-1)
    means = np.stack([mean[..., i] * mean[..., j] for i, j in pairs], axis=-1)
    spread = np.concatenate([_box(products[..., :3], radius), _box(products[..., 3:], radius)], -1)
    spread -= means
    spread[..., [0, 3, 5]] += np.float32(smoothness)
    return times(inverted(spread), together)


def inverted(matrices: NDArray[Any]) -> NDArray[Any]:
    """Return the inverses of symmetric 3 x 3 matrices, given and returned as upper triangles.

    Args:
        matrices: (..., 6) floats, positive definite.

    >>> inverted(np.array([2.0, 0, 0, 4, 0, 5])).tolist()
    [0.5, 0.0, 0.0, 0.25, 0.0, 0.2]
    """
    a, b, c, d, e, f = (matrices[..., place] for place in range(6))
    adjugate = (d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e)
    whole = a * adjugate[0] + b * adjugate[1] + c * adjugate[2]
    made = np.stack([*adjugate, a * d - b * b], axis=-1)
    return np.asarray(made / np.maximum(whole, LEAST)[..., np.newaxis])


def times(matrices: NDArray[Any], vectors: NDArray[Any]) -> NDArray[Any]:
    """Return symmetric matrices (..., 6), as of :func:`inverted`, times vectors (..., 3).

    >>> times(np.array([2.0, 1, 0, 4, 0, 5]), np.array([1.0, 1, 1])).tolist()
    [3.0, 5.0, 5.0]
    """
    a, b, c, d, e, f = (matrices[..., place] for place in range(6))
    x, y, z = (vectors[..., place] for place in range(3))
    return np.stack([a * x + b * y + c * z, b * x + d * y + e * z, c * x + e * y + f * z], axis=-1)

"""Texture: what a pixel's neighbourhood looks like, as one of a few names."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["textons"]

SCALES = (1.0, 2.0)
"""Widths of the filters across, in pixels; along they are twice as long."""
ANGLES = 6
SAMPLES = 6000
"""Pixels that the clusters are learnt on; more change nothing that can be seen."""
ROUNDS = 12
GRAIN = 64
"""Steps a unit of brightness: what differs less, such as rounding, is no texture."""


def textons(values: NDArray[np.float32], count: int = 24, seed: int = 0) -> NDArray[np.uint8]:
    """Return the texton of each pixel, (H, W) uint8 below ``count``.

    The answers of 26 filters (even and odd bars in six directions, and a centre against its
    surround, at two scales) are clustered within the picture.

    Args:
        values: (H, W) float32 brightness.
        count: Number of textons, 2 to 255.
        seed: Chooses the sample and the first centres.

    Source:
        J. Malik, S. Belongie, T. Leung, J. Shi, "Contour and Texture Analysis for Image
        Segmentation", IJCV 43(1), 2001.

    >>> textons(np.zeros((4, 5), np.float32)).max()
    np.uint8(0)
    """
    answers = [
        cv2.filter2D(values, -1, kernel, borderType=cv2.BORDER_REFLECT_101) for kernel in _bank()
    ]
    points = np.stack(answers, axis=-1).reshape(values.size, -1)
    points = np.rint(points * GRAIN) / np.float32(GRAIN)
    generator = np.random.default_rng(seed)
    sample = points[generator.choice(len(points), min(len(points), SAMPLES), replace=False)]
    centres = _first_centres(sample, count, generator)
    for _ in range(ROUNDS):
        centres = _moved(sample, centres)
    return _nearest(points, centres).astype(np.uint8).reshape(values.shape)


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    distance = (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.asarray(distance.argmin(axis=1))


def _moved(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the centres after one round of Lloyd's; an empty one stays where it is."""
    belongs = np.eye(len(centres), dtype=np.float32)[_nearest(points, centres)]
    weights = belongs.sum(axis=0)
    means = (belongs.T @ points) / np.maximum(weights, 1)[:, np.newaxis]
    return np.where(weights[:, np.newaxis] > 0, means, centres)


def _first_centres(
    points: NDArray[np.float32], count: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Return points far from each other (k-means++)."""
    chosen = [points[generator.integers(len(points))]]
    distance = ((points - chosen[0]) ** 2).sum(axis=1, dtype=np.float64)
    for _ in range(count - 1):
        total = distance.sum()
        share = distance / total if total > 0 else np.full(len(points), 1 / len(points))
        chosen.append(points[generator.choice(len(points), p=share)])
        distance = np.minimum(distance, ((points - chosen[-1]) ** 2).sum(axis=1))
    return np.stack(chosen)


def _bank() -> list[NDArray[np.float32]]:
    kernels = []
    for width in SCALES:
        radius = int(np.ceil(4.5 * width))
        y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
        for angle in np.pi * np.arange(ANGLES) / ANGLES:
            along = (x * np.cos(angle) + y * np.sin(angle)) / (2 * width)
            across = (y * np.cos(angle) - x * np.sin(angle)) / width
            bump = np.exp(-(along**2 + across**2) / 2)
            kernels += [_balanced(bump * (across**2 - 1)), _balanced(bump * across)]
        spread = (x**2 + y**2) / (2 * width**2)
        kernels.append(_balanced(np.exp(-spread) * (spread - 1)))
    return kernels


def _balanced(kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the kernel with sum 0 and absolute sum 1."""
    kernel = kernel - kernel.mean()
    return (kernel / np.abs(kernel).sum()).astype(np.float32)

"""Linear filters over pictures and volumes, at the speed of OpenCV."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["box_mean", "box_moments", "gaussian", "gradients", "laplacian"]


def box_mean(values: NDArray[Any], radius: int) -> NDArray[np.float32]:
    """Return the mean over the window of 2 radius + 1 pixels a side; borders are mirrored.

    Args:
        values: (H, W) or (D, H, W), uint8 or float32.
        radius: Half the window, pixels.

    >>> box_mean(np.float32([[0, 3, 6]]), 1).tolist()
    [[2.0, 3.0, 4.0]]
    """
    window = 2 * radius + 1
    if values.ndim == 2:
        return np.asarray(cv2.boxFilter(values, cv2.CV_32F, (window, window)), np.float32)
    flat = np.stack([cv2.boxFilter(part, cv2.CV_32F, (window, window)) for part in values])
    deep = cv2.boxFilter(flat.reshape(flat.shape[0], -1), cv2.CV_32F, (1, window))
    return np.asarray(deep, np.float32).reshape(values.shape)


def box_moments(
    values: NDArray[Any], radius: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean and the standard deviation over the window of :func:`box_mean`.

    >>> mean, deviation = box_moments(np.float32([[0, 0, 6, 6]]), 1)
    >>> mean[0, 0].item(), deviation[0, 0].item()
    (0.0, 0.0)
    """
    mean = box_mean(values, radius)
    window = 2 * radius + 1
    if values.ndim == 2:
        squares = cv2.sqrBoxFilter(values, cv2.CV_32F, (window, window))
    else:
        squares = box_mean(np.square(values, dtype=np.float32), radius)
    variance = np.subtract(squares, np.square(mean), dtype=np.float32)
    return mean, np.sqrt(np.maximum(variance, 0, out=variance), out=variance)


def gaussian(values: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    """Return the values blurred by a Gaussian cut off at 4 sigma; borders are mirrored.

    Args:
        values: (H, W) or (D, H, W), uint8 or float32.
        sigma: Standard deviation, pixels; 0 blurs nothing.

    >>> round(gaussian(np.float32([[0, 0, 1, 0, 0]]), 0.8).max().item(), 2)
    0.5
    """
    if sigma <= 0:
        return np.asarray(values, np.float32)
    kernel = gaussian_kernel(sigma)
    values = np.asarray(values, np.float32)
    if values.ndim == 2:
        return np.asarray(cv2.sepFilter2D(values, cv2.CV_32F, kernel, kernel))
    flat = np.stack([cv2.sepFilter2D(part, cv2.CV_32F, kernel, kernel) for part in values])
    deep = cv2.sepFilter2D(
        flat.reshape(flat.shape[0], -1), cv2.CV_32F, np.ones(1, np.float32), kernel
    )
    return np.asarray(deep, np.float32).reshape(values.shape)


def gaussian_kernel(sigma: float) -> NDArray[np.float32]:
    """Return the weights of a Gaussian cut off at 4 sigma; their sum is 1."""
    reach = max(1, round(4 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return (weights / weights.sum()).astype(np.float32)


def gradients(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the slope along each axis, per pixel, by central differences; flat at the border.

    >>> gradients(np.float32([[0, 2, 4]]))[1].tolist()
    [[0.0, 2.0, 0.0]]
    """
    slopes = []
    for axis in range(values.ndim):
        slope = np.zeros_like(values, np.float32)
        if values.shape[axis] > 2:
            ahead = [slice(None)] * values.ndim
            behind, middle = ahead.copy(), ahead.copy()
            ahead[axis], behind[axis] = slice(2, None), slice(None, -2)
            middle[axis] = slice(1, -1)
            slope[tuple(middle)] = (values[tuple(ahead)] - values[tuple(behind)]) / 2
        slopes.append(slope)
    return slopes


def laplacian(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of the second differences along all axes; borders are mirrored.

    >>> laplacian(np.float32([[0, 1, 0]])).tolist()
    [[2.0, -2.0, 2.0]]
    """
    if values.ndim == 2:
        return np.asarray(cv2.Laplacian(np.asarray(values, np.float32), cv2.CV_32F, ksize=1))
    padded = np.pad(values, 1, mode="reflect" if min(values.shape) > 1 else "edge")
    total = -2 * values.ndim * values
    inside = tuple(slice(1, -1) for _ in range(values.ndim))
    for axis in range(values.ndim):
        for shift in (0, 2):
            near = list(inside)
            near[axis] = slice(shift, shift + values.shape[axis])
            total = total + padded[tuple(near)]
    return np.asarray(total, np.float32)

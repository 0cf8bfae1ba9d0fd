"""How patches are varied: where they lie, and how bright they are."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pixelwise.training.plan import Plan

__all__ = ["placed", "shaded"]

RARE = 0.2
"""Share of patches that get noise, and of those that get blur."""


def placed(
    rng: np.random.Generator, plan: Plan, middle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return where a patch lies: (axes + 1, axes + 1), its indices to those of the picture.

    Args:
        rng: Draws zoom, turn and mirroring.
        plan: Their limits, and the patch's size.
        middle: The place in the picture that its middle shows.
    """
    zoom = np.exp(rng.uniform(*np.log(plan.zoom)))
    linear = _turned(rng, plan) / zoom
    signs = np.ones(len(plan.patch))
    signs[list(plan.flip)] = rng.choice([-1.0, 1.0], len(plan.flip))
    linear = linear * signs
    matrix = np.eye(len(plan.patch) + 1)
    matrix[:-1, :-1] = linear
    matrix[:-1, -1] = middle - linear @ ((np.array(plan.patch) - 1) / 2)
    return matrix


def shaded(
    rng: np.random.Generator, plan: Plan, pixels: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return pixels (..., C) in 0..1 with another gamma, contrast, tint, noise and sharpness."""
    if plan.invert and rng.random() < plan.invert:
        pixels = 1 - pixels
    made = pixels ** np.float32(np.exp(rng.uniform(-plan.gamma, plan.gamma)))
    channels = pixels.shape[-1]
    gain = 1 + rng.uniform(-plan.contrast, plan.contrast) + _each(rng, plan.tint, channels)
    shift = rng.uniform(-plan.contrast, plan.contrast) / 2 + _each(rng, plan.tint, channels) / 2
    made *= gain.astype(np.float32)
    made += (0.5 - 0.5 * gain + shift).astype(np.float32)
    if plan.blur and rng.random() < RARE:
        made = _blurred(made, rng.uniform(0.3, max(plan.blur, 0.3)))
    if plan.noise and rng.random() < RARE:
        sigma = np.float32(rng.uniform(0, plan.noise))
        made += rng.standard_normal(made.shape, np.float32) * sigma
    return np.clip(made, 0, 1, out=made)


def _each(rng: np.random.Generator, most: float, channels: int) -> NDArray[np.float64]:
    """Return a change for each channel; grey pictures have one that all share."""
    return rng.uniform(-most, most, channels) if channels > 1 else np.zeros(1)


def _blurred(pixels: NDArray[np.float32], sigma: float) -> NDArray[Any]:
    if pixels.ndim == 3:
        made = cv2.GaussianBlur(pixels, (0, 0), sigma)
        return made[..., np.newaxis] if made.ndim == 2 else made
    return np.asarray(gaussian_filter(pixels, (sigma, sigma, sigma, 0)), np.float32)


def _turned(rng: np.random.Generator, plan: Plan) -> NDArray[np.float64]:
    """Return a rotation matrix; volumes are turned about a drawn axis."""
    angle = np.deg2rad(rng.uniform(-plan.turn, plan.turn))
    if plan.axes == 2:
        sine, cosine = np.sin(angle), np.cos(angle)
        return np.array([[cosine, -sine], [sine, cosine]])
    axis = rng.normal(size=3)
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross

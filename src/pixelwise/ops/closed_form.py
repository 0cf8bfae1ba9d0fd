"""The closed-form matte: alpha that is a linear function of the colours in every small window."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg

from pixelwise.ops.guided import inverted, times

__all__ = ["laplacian", "matte"]

Values = NDArray[np.float32]

FLAT = 1e-5
"""Variance of colours (0 to 1) below which a window counts as flat."""

EXACT = 1e-3
"""Share of the first residual at which the solution is good enough: far below a level of 255."""

AT_ONCE = 1 << 16
"""Windows that are worked on at once."""


def laplacian(pixels: Values, wanted: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - SciPy is untyped
    """Return the rows of the matting Laplacian that belong to some pixels, sparse (N, H * W).

    A row times an alpha says how far the pixel's alpha lies from the best linear functions of
    the colours in the windows of 3 x 3 pixels around it.

    Args:
        pixels: (H, W, 3) float32, 0..1.
        wanted: (H, W) bool, N of them true.

    Source:
        A. Levin, D. Lischinski, Y. Weiss, "A Closed-Form Solution to Natural Image Matting", PAMI
        30(2), 2008. Own code.
    """
    height, width = wanted.shape
    touched = cv2.dilate(wanted.astype(np.uint8), np.ones((3, 3), np.uint8)).reshape(wanted.shape)
    centres = np.flatnonzero(np.pad(touched[1:-1, 1:-1], 1))
    near, far = _steps(width, 1), _steps(width, 2)
    weights = np.zeros((len(far), wanted.size), np.float32)
    for part in np.array_split(centres, len(centres) // AT_ONCE + 1):
        places = part[:, np.newaxis] + near
        shares = _shares(pixels.reshape(-1, 3)[places])
        for one, other in np.ndindex(len(near), len(near)):
            offset = int(np.flatnonzero(far == near[other] - near[one])[0])
            weights[offset, places[:, one]] += np.float32(one == other) - shares[:, one, other]
    own = np.flatnonzero(wanted)
    columns = np.clip(own[:, np.newaxis] + far, 0, wanted.size - 1)  # beyond it all weigh nothing
    ends = np.arange(len(own) + 1) * len(far)
    rows = np.ascontiguousarray(weights[:, own].T)
    return csr_array((rows.reshape(-1), columns.reshape(-1), ends), (len(own), height * width))


def matte(
    pixels: Values,
    alpha: Values,
    unknown: NDArray[np.bool_],
    *,
    trust: float = 1e-3,
    steps: int = 100,
) -> Values:
    """Return the alpha with what is unknown solved for from the colours.

    Args:
        pixels: (H, W, 3) float32, 0..1.
        alpha: (H, W) float32 0..1: what is known, and a first guess of the rest.
        unknown: (H, W) bool.
        trust: Weight of the first guess, beside windows of weight 1.
        steps: Most steps of the conjugate gradients.

    Source:
        As of :func:`laplacian`.

    >>> ramp = np.linspace(0, 1, 9, dtype=np.float32)[np.newaxis].repeat(5, axis=0)
    >>> inside = np.pad(np.ones((5, 7), bool), ((0, 0), (1, 1)))
    >>> guess = np.where(inside, np.float32(0.5), ramp)
    >>> np.abs(matte(np.stack([ramp] * 3, axis=-1), guess, inside) - ramp).max() < 0.02
    np.True_
    """
    made = alpha.copy()
    places = np.flatnonzero(unknown)
    if not places.size:
        return made
    rows = laplacian(pixels, unknown)
    guess = alpha.reshape(-1)[places]
    system = rows[:, places] + diags_array(np.full(len(places), trust, np.float32))
    fixed = rows @ np.where(unknown, np.float32(0), alpha).reshape(-1)
    ease = diags_array(1 / system.diagonal())
    solved, _ = cg(system, trust * guess - fixed, x0=guess, rtol=EXACT, maxiter=steps, M=ease)
    made.reshape(-1)[places] = np.clip(solved, 0, 1)
    return made


def _steps(width: int, radius: int) -> NDArray[np.intp]:
    """Return how far the pixels of a window lie from its middle, counted along the rows."""
    side = np.arange(-radius, radius + 1)
    return (side[:, np.newaxis] * width + side).reshape(-1)


def _shares(colours: Values) -> Values:
    """Return the share of each pixel's alpha in what a window tells of each other, (K, 9, 9).

    Args:
        colours: (K, 9, 3), those of K windows.
    """
    off = colours - colours.mean(axis=1, keepdims=True)
    first, second = np.triu_indices(3)
    spread = (off[..., first] * off[..., second]).mean(axis=1, dtype=np.float64)
    spread[:, first == second] += FLAT
    solved = times(inverted(spread).astype(np.float32)[:, np.newaxis], off)
    return np.asarray((1 + off @ solved.transpose(0, 2, 1)) / colours.shape[1], np.float32)

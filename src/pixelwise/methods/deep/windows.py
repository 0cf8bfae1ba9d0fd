"""Networks on volumes of any size: a sliding window, blended with Gaussian weights."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pixelwise.methods.deep.mirrors import subsets

__all__ = ["Scores", "slid"]

SIGMA = 1 / 8
"""Of the Gaussian weight of a window, in sides; nnU-Net's value."""

Scores = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes (D, H, W), returns scores (classes, D, H, W)."""


def slid(
    voxels: NDArray[np.float32],
    scores: Scores,
    size: tuple[int, int, int],
    *,
    overlap: float = 0.5,
    mirror: Sequence[int] = (),
) -> NDArray[np.float32]:
    """Return scores of a volume from windows, blended with Gaussian weights.

    Args:
        voxels: (D, H, W); smaller than a window it is padded with zeros.
        scores: The network on one window of ``size``.
        size: (d, h, w) of a window.
        overlap: Share by which neighbours overlap, 0 to 0.9.
        mirror: Axes along which each window is also run mirrored, and the scores averaged.

    Returns:
        (classes, D, H, W) float32.

    Source:
        F. Isensee et al., "nnU-Net", Nature Methods 18, 2021.

    >>> slid(np.ones((4, 5, 6), np.float32), lambda part: part[np.newaxis] * 3, (4, 4, 4)).mean()
    np.float32(3.0)
    """
    padding = [(0, max(0, side - have)) for side, have in zip(size, voxels.shape, strict=True)]
    padded = np.pad(voxels, padding)
    weight = _gaussian(size)
    total: NDArray[np.float32] | None = None
    weights = np.zeros(padded.shape, np.float32)
    for start in _starts(padded.shape, size, overlap):
        window = tuple(slice(at, at + side) for at, side in zip(start, size, strict=True))
        answer = _mirrored(padded[window], scores, mirror)
        if total is None:
            total = np.zeros((len(answer), *padded.shape), np.float32)
        total[(slice(None), *window)] += answer * weight
        weights[window] += weight
    inside = tuple(slice(0, side) for side in voxels.shape)
    return np.asarray(np.asarray(total)[(slice(None), *inside)] / weights[inside], np.float32)


def _mirrored(
    part: NDArray[np.float32], scores: Scores, axes: Sequence[int]
) -> NDArray[np.float32]:
    answers = []
    for turned in subsets(axes):
        answer = scores(np.ascontiguousarray(np.flip(part, turned)))
        answers.append(np.flip(answer, tuple(axis + 1 for axis in turned)))
    return np.asarray(np.mean(answers, axis=0), np.float32)


def _starts(
    shape: tuple[int, ...], size: tuple[int, int, int], overlap: float
) -> Iterator[tuple[int, ...]]:
    places = []
    for have, side in zip(shape, size, strict=True):
        count = int(np.ceil((have - side) / max(1, side * (1 - overlap)))) + 1
        places.append([round(at) for at in np.linspace(0, have - side, count)])
    yield from product(*places)


def _gaussian(size: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return weights that fall from the middle; never 0, so that each voxel has some."""
    weight = np.ones(())
    for side in size:
        steps = (np.arange(side) - (side - 1) / 2) / (side * SIGMA)
        weight = np.multiply.outer(weight, np.exp(-0.5 * steps**2))
    return np.asarray(np.maximum(weight, 1e-4), np.float32)

"""Networks on volumes of any size: a sliding window, blended with Gaussian weights."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import check_ranges, setting

__all__ = ["Scores", "Sliding"]

SIGMA = 1 / 8
"""Of the Gaussian weight of a window, in sides; nnU-Net's value."""

Scores = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes (D, H, W), returns scores (D, H, W, classes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliding:
    """Windows that slide over a volume; what several see is blended with Gaussian weights.

    Source:
        F. Isensee et al., "nnU-Net", Nature Methods 18, 2021.

    >>> twice = Sliding(side=4)(np.ones((4, 5, 6), np.float32), lambda part: part[..., None] * 2)
    >>> twice.shape, float(twice.mean())
    ((4, 5, 6, 1), 2.0)
    """

    side: int = setting(doc="Side of a window in voxels, or the volume's own where that is less.")
    overlap: float = setting(0.5, "Share by which neighbours overlap.", low=0, high=0.9)

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, voxels: NDArray[np.float32], scores: Scores) -> NDArray[np.float32]:
        """Return the scores of a volume.

        Args:
            voxels: (D, H, W).
            scores: The network on one window.

        Returns:
            (D, H, W, classes) float32.
        """
        size = tuple(min(self.side, have) for have in voxels.shape)
        weight = _gaussian(size)
        total: NDArray[np.float32] | None = None
        weights = np.zeros((*voxels.shape, 1), np.float32)
        for start in _starts(voxels.shape, size, self.overlap):
            window = tuple(slice(at, at + side) for at, side in zip(start, size, strict=True))
            answer = scores(voxels[window])
            if total is None:
                total = np.zeros((*voxels.shape, answer.shape[-1]), np.float32)
            total[window] += answer * weight
            weights[window] += weight
        return np.asarray(np.asarray(total) / weights, np.float32)

    @property
    def note(self) -> str:
        """What a result's provenance says of it."""
        return f"Seen in windows of {self.side} voxels that overlap by {self.overlap:g}."


def _starts(
    shape: tuple[int, ...], size: tuple[int, ...], overlap: float
) -> Iterator[tuple[int, ...]]:
    places = []
    for have, side in zip(shape, size, strict=True):
        count = int(np.ceil((have - side) / max(1, side * (1 - overlap)))) + 1
        places.append([round(at) for at in np.linspace(0, have - side, count)])
    yield from product(*places)


def _gaussian(size: tuple[int, ...]) -> NDArray[np.float32]:
    """Return weights (d, h, w, 1) that fall from the middle; never 0: each voxel has some."""
    weight = np.ones(())
    for side in size:
        steps = (np.arange(side) - (side - 1) / 2) / (side * SIGMA)
        weight = np.multiply.outer(weight, np.exp(-0.5 * steps**2))
    return np.maximum(weight, 1e-4).astype(np.float32)[..., np.newaxis]

"""How pixels move from one frame to the next, and how a thing or its ground moves as a whole."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.ops.colour import rgb8

__all__ = ["Flow", "Frame", "flow_between", "rigid_motion"]

Plane = NDArray[np.float32]

CONSISTENT = 2.0
"""Pixels by which the way back may miss its start until it is hardly believed."""
SAMPLES, FEWEST = 4000, 150
"""Pixels that a motion is fitted to: at most so many; with fewer it is a mere shift."""
STIFFNESS = 0.02
"""How dear turning and growing are against shifting."""
ROUNDS = 8
ROUGH = 60.0
"""Slope (Sobel) of grey levels that noise does not reach."""
LEAST = 32
"""Shorter side in pixels: OpenCV's flow crashes on pictures that are smaller than its patches."""


@dataclass(frozen=True)
class Frame:
    """One small picture.

    Args:
        rgb: (h, w, 3) uint8.
    """

    rgb: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Image, side: int) -> "Frame":
        """Return a picture with a longer side of at most ``side`` pixels."""
        pixels = rgb8(image.pixels)
        scale = min(1.0, side / max(image.size))
        size = (max(LEAST, round(image.width * scale)), max(LEAST, round(image.height * scale)))
        return cls(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8))

    @cached_property
    def lab(self) -> NDArray[np.uint8]:
        """CIELAB in OpenCV's 8 bits."""
        return np.asarray(cv2.cvtColor(self.rgb, cv2.COLOR_RGB2Lab), np.uint8)

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """Luma."""
        return np.asarray(cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def is_rough(self) -> NDArray[np.bool_]:
        """Where there is something to see the motion by: in a flat area the flow says nothing."""
        soft = cv2.GaussianBlur(self.grey, (3, 3), 0)
        across, down = (cv2.Sobel(soft, cv2.CV_32F, 1 - axis, axis) for axis in (0, 1))
        return np.asarray(np.hypot(across, down) > ROUGH)


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """The optical flow between a frame and the one before it.

    Args:
        back: (h, w, 2) float32, x y from each pixel to where it was in the frame before.
        ahead: (h, w, 2) from each pixel of the frame before to where it is now.
        trust: (h, w) 0..1, how well there and back again ends at the start.
    """

    back: Plane
    ahead: Plane
    trust: Plane

    def carried(self, values: Plane, way: Plane | None = None) -> Plane:
        """Return values (h, w) of the frame before at their place now, 0 from outside."""
        return _moved(values, self.back if way is None else way)


def flow_between(before: Frame, now: Frame, engine: Any) -> Flow:  # noqa: ANN401 - OpenCV's
    """Return the flow by an engine of OpenCV, both ways.

    Source:
        T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
    """
    back = np.asarray(engine.calc(now.grey, before.grey, None), np.float32)
    ahead = np.asarray(engine.calc(before.grey, now.grey, None), np.float32)
    miss = back + _moved(ahead, back)
    error = (miss * miss).sum(axis=-1)
    return Flow(back, ahead, np.exp(-error / np.float32(CONSISTENT**2)))


def rigid_motion(flow: Plane, where: NDArray[np.bool_]) -> Plane | None:
    """Return the affine motion (h, w, 2) that most of the pixels ``where`` follow.

    None where there are too few to say. Pixels that move otherwise have no say (iteratively
    reweighted least squares).
    """
    y, x = np.nonzero(where)
    if len(y) < 20:
        return None
    chosen = np.linspace(0, len(y) - 1, min(len(y), SAMPLES)).astype(int)
    places = np.stack([x, y], axis=1)[chosen].astype(np.float64)
    moved = flow[places[:, 1].astype(int), places[:, 0].astype(int)].astype(np.float64)
    middle = places.mean(axis=0)
    reach = max(float(places.std(axis=0).max()), 1.0)
    basis = np.column_stack([np.ones(len(places)), (places - middle) / reach])
    law = np.zeros((3, 2))
    law[0] = np.median(moved, axis=0)
    for _ in range(ROUNDS):
        residual = np.hypot(*(moved - basis @ law).T)
        scale = max(1.4826 * float(np.median(residual)), 0.3)
        weight = 1 / (1 + (residual / (2 * scale)) ** 2) ** 2
        law = _fitted(basis, moved, weight)
    height, width = where.shape
    rows = ((np.arange(height) - middle[1]) / reach)[:, np.newaxis, np.newaxis]
    columns = ((np.arange(width) - middle[0]) / reach)[np.newaxis, :, np.newaxis]
    return np.asarray(law[0] + columns * law[1] + rows * law[2], np.float32)


def _fitted(
    basis: NDArray[np.float64], moved: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    law = np.zeros((3, 2))
    if len(basis) <= FEWEST:
        law[0] = np.average(moved, axis=0, weights=weight)
        return law
    heavy = basis.T * weight
    stiff = np.diag([0, STIFFNESS, STIFFNESS]) * weight.sum()
    return np.asarray(np.linalg.solve(heavy @ basis + stiff, heavy @ moved))


def _moved(values: Plane, way: Plane) -> Plane:
    rows, columns = np.indices(way.shape[:2], dtype=np.float32)
    there = (columns + way[..., 0], rows + way[..., 1])
    made = cv2.remap(values, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(made, np.float32)

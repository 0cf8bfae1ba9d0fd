"""Live wire: an outline that snaps to edges from click to click."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from pixelwise.core import Foreground, Image, Method, Prompts, Task, setting
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.contours import polygon
from pixelwise.ops.filters import gaussian, laplacian

__all__ = ["LiveWire", "edge_cost", "wire"]

CROSSING, STEEP, STRAIGHT = 0.43, 0.43, 0.14
"""Cost of being off the zero crossings, of a low slope, and of the way itself: the weights of the
paper, with that of the direction given to the slope."""
MARGIN = 24
"""A wire may leave the box of its two clicks by this and half the box's longer side, pixels."""


@dataclass(frozen=True, kw_only=True)
class LiveWire(Method[Foreground]):
    """Foreground is the inside of a wire that runs along edges through the clicked points.

    Each pixel has a cost, low on strong edges: 0.43 off the zero crossings of the Laplacian +
    0.43 x (1 - slope / greatest slope) + 0.14. Between two clicks the wire is the cheapest path
    (Dijkstra); the last click is joined to the first, and the inside is filled. Clicks snap to
    the strongest edge near them. For exact outlines by hand with few clicks; prefer ``grabcut``
    when a box should do.

    Pictures. The points of ``prompts`` in their order; each label from 1 is a wire of its own,
    and wires of label 0 are cut out.

    Source:
        E. Mortensen, W. Barrett, "Intelligent scissors for image composition", SIGGRAPH 1995.

    >>> square = np.zeros((30, 30), np.uint8)
    >>> square[8:22, 8:22] = 200
    >>> corners = Prompts(points=[(8, 8), (21, 8), (21, 21), (8, 21)])
    >>> LiveWire(prompts=corners)(Image(square)).mask[15, ::5].tolist()
    [False, False, True, True, True, False]
    """

    name = "live-wire"
    task = Task.FOREGROUND

    prompts: Prompts | None = setting(None, "The clicked points in their order; must be given.")
    snap: int = setting(4, "How far a click may move to a stronger edge, pixels.", low=0, high=100)
    sigma: float = setting(1.0, "Blur before the slopes, pixels.", low=0, high=100)
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return what the wires enclose.

        Raises:
            InvalidSetting: There are no points.
        """
        if self.prompts is None or np.size(self.prompts.points) == 0:
            raise InvalidSetting(
                "live-wire needs the setting 'prompts' with points: the clicks along the outline"
            )
        values = levels_of(plane(image.pixels, self.channel))
        cost, slope = edge_cost(values, self.sigma)
        labels = np.asarray(self.prompts.labels)
        clicks = _within(np.asarray(self.prompts.points), image.size)
        mask = np.zeros(image.size, bool)
        for label in sorted(set(labels.tolist()), key=lambda label: label == 0):
            points = [_snapped(slope, point, self.snap) for point in clicks[labels == label]]
            inside = polygon(wire(cost, points), image.size)
            mask = mask & ~inside if label == 0 else mask | inside
        return Foreground(mask)


def edge_cost(
    values: NDArray[np.float32], sigma: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the cost of a wire at each pixel, 0.14 to 1, and the slope, both (H, W).

    >>> round(float(edge_cost(np.zeros((3, 3), np.float32), 1)[0].max()), 6)
    1.0
    """
    smooth = gaussian(values, sigma)
    slope = cv2.magnitude(
        cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8),
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8),
    )
    curvature = laplacian(smooth)
    # Of the two pixels at a change of sign, the zero crossing is the one nearer to zero.
    crossing = np.zeros(values.shape, bool)
    for axis in (0, 1):
        for shift in (1, -1):
            beside = np.roll(curvature, shift, axis)
            crossing |= (curvature * beside < 0) & (np.abs(curvature) <= np.abs(beside))
    top = max(float(slope.max()), 1e-6)
    relative = np.sqrt(slope / top)  # the root keeps weak edges far cheaper than none
    cost = STRAIGHT + CROSSING * ~crossing + STEEP * (1 - relative)
    return cost.astype(np.float64), np.asarray(slope)


def wire(cost: NDArray[np.float64], points: list[tuple[int, int]]) -> NDArray[np.float32]:
    """Return the cheapest closed path through the points (y x), as (P, 2) x y.

    >>> wire(np.ones((3, 3)), [(0, 0), (0, 2)])[:, 0].tolist()
    [0.0, 1.0, 2.0, 2.0, 1.0, 0.0]
    """
    legs = [_leg(cost, start, end) for start, end in pairwise([*points, points[0]])]
    return np.concatenate(legs)[:, ::-1].astype(np.float32)


def _leg(
    cost: NDArray[np.float64], start: tuple[int, int], end: tuple[int, int]
) -> NDArray[np.int64]:
    """Return y x along the cheapest path, found in a window around its ends."""
    both = np.array([start, end])
    margin = MARGIN + int(np.ptp(both, axis=0).max()) // 2
    low = np.maximum(both.min(axis=0) - margin, 0)
    high = both.max(axis=0) + margin + 1
    window = np.ascontiguousarray(cost[low[0] : high[0], low[1] : high[1]])
    paths = MCP_Geometric(window)
    paths.find_costs([tuple(both[0] - low)], [tuple(both[1] - low)])
    return np.array(paths.traceback(tuple(both[1] - low)), np.int64) + low


def _within(points: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the points as whole y x.

    Raises:
        InputError: A point lies outside the picture.
    """
    clicks = np.rint(points[:, 1::-1]).astype(np.int64)
    if np.any(clicks < 0) or np.any(clicks >= size):
        raise InputError(f"a point lies outside the picture {size}")
    return clicks


def _snapped(slope: NDArray[np.float32], click: NDArray[np.int64], snap: int) -> tuple[int, int]:
    """Return the place of the greatest slope within ``snap`` pixels of a click, y x."""
    y, x = (int(part) for part in click)
    top, left = max(0, y - snap), max(0, x - snap)
    near = slope[top : y + snap + 1, left : x + snap + 1]
    if near.max() == near.min():
        return y, x
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    return top + int(row), left + int(column)

"""Active contour: a snake that is pulled onto edges."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Prompts, Provenance, Task, setting
from pixelwise.errors import InputError
from pixelwise.methods.edges.start import start_mask
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.contours import polygon, resampled
from pixelwise.ops.filters import gaussian, gradients

__all__ = ["ActiveContour", "Stiffness", "pull_of_edges", "relax"]

SPACING = 2.0
"""Pixels between two points of the snake."""
FEWEST, MOST = 24, 800
"""Points of a snake."""
STEP = 1.0
"""Pixels that a point moves in one step under the full pull."""
RESPREAD = 10
"""Steps after which the points are spread evenly again."""
AT_REST = 0.05
"""Pixels: a snake whose points move less between two spreads rests."""


@dataclass(frozen=True, kw_only=True)
class Stiffness:
    """How the snake resists.

    Args:
        tension: Weight of the first differences: shortens the snake.
        bending: Weight of the second differences: straightens it.
    """

    tension: float
    bending: float


@dataclass(frozen=True, kw_only=True)
class ActiveContour(Method[Foreground]):
    """Foreground is the inside of a closed snake that edges have pulled onto them.

    A chain of points moves so that its energy falls: tension x length + bending x curvature -
    the edges under it. The pull of edges is felt from afar: every edge pixel draws with a force
    that falls with its distance (vector field convolution). Start it near the outline: a box
    gives the ellipse in it, three or more points of one object the polygon through them, else it
    is the ellipse in the picture. Good for one smooth outline that is nearly known; prefer
    ``geodesic-contour`` when the thing may have corners or parts, ``live-wire`` for an exact
    outline by hand.

    Pictures.

    Source:
        M. Kass, A. Witkin, D. Terzopoulos, "Snakes: Active contour models", IJCV 1(4), 1988; the
        pull: B. Li, S. Acton, "Active contour external force using vector field convolution for
        image segmentation", IEEE TIP 16(8), 2007.

    >>> rows, columns = np.mgrid[:60, :60]
    >>> disc = np.where(np.hypot(rows - 30, columns - 30) < 15, 200, 20).astype(np.uint8)
    >>> found = ActiveContour(prompts=Prompts(boxes=[(8, 8, 52, 52)]))(Image(disc))
    >>> abs(found.area - (disc > 100).sum()) < 80
    np.True_
    """

    name = "active-contour"
    task = Task.FOREGROUND

    prompts: Prompts | None = setting(None, "Box or points of the first outline; none: an ellipse.")
    tension: float = setting(0.05, "Weight of the length.", low=0, high=100)
    bending: float = setting(0.5, "Weight of the curvature.", low=0, high=100)
    reach: int = setting(32, "How far edges pull, pixels.", low=1, high=1000)
    sigma: float = setting(2.0, "Blur before the slopes, pixels.", low=0, high=100)
    iterations: int = setting(1000, "Most steps.", low=1, high=100_000)
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the insides of the snakes at rest, one snake for each prompted object."""
        values = levels_of(plane(image.pixels, self.channel))
        pull = pull_of_edges(values, self.sigma, self.reach)
        mask = np.zeros(image.size, bool)
        if not pull.any():  # no edge anywhere, so nothing to find
            return Foreground(mask)
        stiffness = Stiffness(tension=self.tension, bending=self.bending)
        notes: list[str] = []
        for outline in first_outlines(self.prompts, image.size):
            snake, steps = relax(outline, pull, stiffness, self.iterations)
            mask |= polygon(snake.astype(np.float32), image.size)
            if steps == self.iterations:
                notes.append(f"the snake still moved after {steps} steps")
        return Foreground(mask, provenance=Provenance(notes=tuple(notes)))


def first_outlines(prompts: Prompts | None, size: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Return the closed polygons (P, 2) x y that the snakes start from.

    Raises:
        InputError: An object has fewer than three points, or a point or box lies outside.
    """
    height, width = size
    if prompts is None or not (np.size(prompts.points) or np.size(prompts.boxes)):
        return [_ellipse((0.04 * width, 0.04 * height, 0.96 * width, 0.96 * height))]
    start_mask(prompts, size)  # refuses what lies outside
    outlines = [_ellipse(tuple(box)) for box in np.asarray(prompts.boxes, np.float64).tolist()]
    labels = np.asarray(prompts.labels)
    for label in np.unique(labels[labels > 0]):
        points = np.asarray(prompts.points, np.float64)[labels == label, :2]
        if len(points) < 3:
            raise InputError(
                f"object {label} has {len(points)} points; an outline needs 3 or more, or a box"
            )
        outlines.append(points)
    return outlines


def pull_of_edges(values: NDArray[np.float32], sigma: float, reach: int) -> NDArray[np.float32]:
    """Return the pull (H, W, 2) x y at each pixel, of length 1 or 0.

    Args:
        values: (H, W) levels.
        sigma: Blur before the slopes, pixels.
        reach: How far edges pull, pixels.
    """
    slopes = gradients(gaussian(values, sigma))
    edges = np.hypot(slopes[0], slopes[1])
    top = float(edges.max())
    if top < 1e-3:  # rounding of a flat picture
        return np.zeros((*values.shape, 2), np.float32)
    edges = (edges / top) ** 2  # strong edges outweigh many weak ones
    side = np.arange(-reach, reach + 1, dtype=np.float32)
    down, across = np.meshgrid(side, side, indexing="ij")
    far = np.hypot(down, across)
    strength = np.where(far > reach, 0, 1 / np.maximum(far, 1) ** 3)  # direction x distance ** -2
    field = [cv2.filter2D(edges, cv2.CV_32F, part * strength) for part in (across, down)]
    length = np.hypot(field[0], field[1])
    soft = np.maximum(length, 1e-3 * float(length.max()))
    return np.stack(field, axis=-1) / soft[..., np.newaxis]


def relax(
    outline: NDArray[np.float64],
    pull: NDArray[np.float32],
    stiffness: Stiffness,
    iterations: int,
) -> tuple[NDArray[np.float64], int]:
    """Return the snake at rest and the steps that it took.

    Args:
        outline: (P, 2) x y of the closed first outline.
        pull: (H, W, 2) x y.
        stiffness: How the snake resists.
        iterations: Most steps.
    """
    around = np.hypot(*np.diff(outline, axis=0, append=outline[:1]).T).sum()
    count = int(np.clip(around / SPACING, FEWEST, MOST))
    snake = resampled(outline, count)
    resistance = _resistance(count, stiffness)[:, np.newaxis]
    bounds = np.array(pull.shape[1::-1], np.float64) - 1
    rested = snake
    for step in range(1, iterations + 1):
        pulled = snake + STEP * _between(pull, snake)
        moved = np.fft.irfft(np.fft.rfft(pulled, axis=0) / resistance, count, axis=0)
        snake = np.clip(moved, 0, bounds)
        if step % RESPREAD == 0:
            snake = resampled(snake, count)
            if np.abs(snake - rested).max() < AT_REST * RESPREAD:
                return snake, step
            rested = snake
    return snake, iterations


def _between(field: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the field at points x y between its pixels, linearly."""
    last = np.array(field.shape[1::-1]) - 1
    low = np.minimum(points.astype(np.int64), np.maximum(last - 1, 0))
    (x0, y0), (x1, y1) = low.T, np.minimum(low + 1, last).T
    right, below = (points - low).T[..., np.newaxis]
    top = field[y0, x0] * (1 - right) + field[y0, x1] * right
    bottom = field[y1, x0] * (1 - right) + field[y1, x1] * right
    return np.asarray(top * (1 - below) + bottom * below, np.float64)


def _resistance(count: int, stiffness: Stiffness) -> NDArray[np.float64]:
    """Return by how much one implicit step divides each frequency of the closed snake."""
    second = 2 - 2 * np.cos(2 * np.pi * np.fft.rfftfreq(count))
    return 1 + stiffness.tension * second + stiffness.bending * second**2


def _ellipse(box: tuple[float, ...]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = box
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    across = (x0 + x1 - 1) / 2 + (x1 - x0) / 2 * np.cos(angle)
    return np.stack([across, (y0 + y1 - 1) / 2 + (y1 - y0) / 2 * np.sin(angle)], axis=1)

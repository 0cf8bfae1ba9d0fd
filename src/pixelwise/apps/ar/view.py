"""What is known of one frame: its pixels, the person's soft mask, and where the person is."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Head", "View"]

SIDE = 320
"""Longer side at which the person is looked for."""
LEAST = 0.002
"""Share of the picture below which something is a speck, not a person."""
HEAD_RISE = 1.0
"""A head is looked at from its top down to so many times its width: about to the mouth."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an upright person, guessed from the mask.

    Args:
        x: Its middle.
        top: Its top.
        width: Its width.
    """

    x: float
    top: float
    width: float


@dataclass(frozen=True, eq=False)
class View:
    """One frame.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: (H, W) uint8, the person.
        time_s: When.
        shift: Pixels to the right and down by which the background gives way to the person.
    """

    pixels: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    time_s: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return (self.alpha.shape[0], self.alpha.shape[1])

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The person's box x0 y0 x1 y1; None: nobody is there."""
        if self._person is None:
            return None
        rows = np.flatnonzero(self._person.any(1))
        columns = np.flatnonzero(self._person.any(0))
        x, y = self._scale
        edges = (columns[0] * x, rows[0] * y, (columns[-1] + 1) * x, (rows[-1] + 1) * y)
        return (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))

    @property
    def head(self) -> Head | None:
        """The person's head; None: nobody is there."""
        person = self._person
        if person is None:
            return None
        rows = np.flatnonzero(person.any(1))
        rows = rows[: np.argmax(np.diff(rows) > 1) + 1] if (np.diff(rows) > 1).any() else rows
        first = person[rows].argmax(1)
        last = person.shape[1] - person[rows][:, ::-1].argmax(1)
        widest = np.maximum.accumulate(last - first)
        deep = np.arange(1, len(rows) + 1) >= HEAD_RISE * widest
        end = int(deep.argmax()) + 1 if deep.any() else len(rows)
        width = int(widest[end - 1])
        x, y = self._scale
        middle = float(np.mean((first + last)[end // 3 : end])) / 2
        return Head(middle * x, float(rows[0]) * y, width * x)

    @property
    def outline(self) -> NDArray[np.float32] | None:
        """The person's outline (N, 2) float32 x y, clockwise from the top; None: nobody."""
        if self._person is None:
            return None
        found = cv2.findContours(
            self._person.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )[0]
        line = max(found, key=len).reshape(-1, 2).astype(np.float32)[::-1]
        line = np.roll(line, -int(line[:, 1].argmin()), axis=0)
        return (line + np.float32(0.5)) * np.array(self._scale, np.float32)

    @property
    def _scale(self) -> tuple[float, float]:
        height, width = self._small.shape
        return self.size[1] / width, self.size[0] / height

    @cached_property
    def _small(self) -> NDArray[np.uint8]:
        height, width = self.size
        factor = max(1.0, max(height, width) / SIDE)
        small = (max(1, round(width / factor)), max(1, round(height / factor)))
        return np.asarray(cv2.resize(self.alpha, small, interpolation=cv2.INTER_AREA), np.uint8)

    @cached_property
    def _person(self) -> NDArray[np.bool_] | None:
        """The largest connected part of the mask, small."""
        mask = (self._small > 127).view(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        areas = stats[1:, cv2.CC_STAT_AREA]
        if not len(areas) or areas.max() < LEAST * mask.size:
            return None
        return np.asarray(labels == 1 + int(areas.argmax()))

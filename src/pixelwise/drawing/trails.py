"""The ways that things came, drawn over a film."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Instances, Panoptic, Result
from pixelwise.drawing.layers import Caption
from pixelwise.drawing.lettering import write_captions
from pixelwise.drawing.overlay import draw
from pixelwise.drawing.palette import Rgb, thing_colour

__all__ = ["Marks", "Trails"]

MARK: Rgb = (255, 255, 255)
SHARPNESS = 4
"""Bits of a pixel in which OpenCV is told places."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Marks:
    """Lines that stand still in the picture, such as the outline of a zone.

    Args:
        name: What is written beside it.
        points: (P, 2) x y of its corners.
        is_closed: Whether the last corner joins the first.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    is_closed: bool


@dataclass(eq=False)
class Trails:
    """Draws each frame with its things, their ids, and the way that each one came.

    It remembers where the things were, so it is called frame by frame; a result without tracks
    is drawn as it is.

    Args:
        length: Frames that a trail lasts.
        marks: What is drawn into every frame.

    >>> legend = Legend.of(["car"], things=["car"])
    >>> show, frame = Trails(), Image(np.zeros((40, 60, 3), np.uint8))
    >>> for x in (2, 20):
    ...     mask = np.zeros((1, 40, 60), bool)
    ...     mask[0, 10:20, x : x + 8] = True
    ...     found = Instances.of(mask, [0], legend)
    ...     table = found.segments.with_columns(track_id=[1])
    ...     found = Instances(table, found.crops, found.size, legend)
    ...     made = show(frame, found)
    >>> made.pixels[20, 12].any()
    np.True_
    """

    length: int = 30
    marks: Sequence[Marks] = ()
    _ways: dict[int, deque[tuple[int, Points]]] = field(default_factory=dict, repr=False)
    _frame: int = 0

    def __call__(self, image: Image, result: Result) -> Image:
        """Return the frame, RGB (H, W, 3) uint8, with what is known of it."""
        shown = draw(image, result)
        pixels = np.array(shown.pixels)
        self._note(result)
        width = max(1, round((pixels.shape[0] * pixels.shape[1]) ** 0.5 / 250))
        for track, way in self._ways.items():
            places = np.array([place for _, place in way])
            _line(pixels, places, thing_colour(track - 1), width, is_closed=False)
        for mark in self.marks:
            _line(pixels, np.array(mark.points), MARK, width, is_closed=mark.is_closed)
        write_captions(pixels, [_caption(mark, pixels.shape) for mark in self.marks])
        return shown.with_pixels(pixels)

    def _note(self, result: Result) -> None:
        self._frame += 1
        if isinstance(result, Instances | Panoptic):
            for segment in result.segments:
                if segment.track_id > 0:
                    x0, _, x1, y1 = segment.box
                    way = self._ways.setdefault(segment.track_id, deque(maxlen=self.length))
                    way.append((self._frame, np.array([(x0 + x1) / 2, y1])))
        for track in [*self._ways]:
            way = self._ways[track]
            while way and way[0][0] <= self._frame - self.length:
                way.popleft()
            if not way:
                del self._ways[track]


def _line(
    pixels: NDArray[np.uint8], places: Points, colour: Rgb, width: int, *, is_closed: bool
) -> None:
    fine = np.rint(places * (1 << SHARPNESS)).astype(np.int32)
    cv2.polylines(pixels, [fine], is_closed, colour, width, cv2.LINE_AA, SHARPNESS)


def _caption(mark: Marks, size: tuple[int, ...]) -> Caption:
    """Return the name of what is watched, at its first point."""
    x, y = mark.points[0]
    y = min(max(y, 0), size[0])
    return Caption(mark.name, (x, y, x + size[1], y), x, MARK)

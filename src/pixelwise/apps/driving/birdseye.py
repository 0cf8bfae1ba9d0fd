"""The road from above."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.convert import to_semantic
from pixelwise.core import Image, Result, Semantic
from pixelwise.drawing import draw
from pixelwise.drawing.screen import screen_pixels
from pixelwise.errors import InvalidSetting

__all__ = ["BirdsEye"]

WIDTH, HEIGHT = 400, 600
GROUND = ("road", "sidewalk", "parking", "terrain", "drivable area", "lane marking", "curb")
"""Classes that lie flat."""
EDGE = 0.25
"""Share of the picture on each side of the four points."""


@dataclass(frozen=True, eq=False)
class BirdsEye:
    """Pictures and results as they lie on the ground.

    Args:
        matrix: (3, 3) float64, takes x, y, 1 of the picture to the view from above.
        size: (height, width) of the view.
    """

    matrix: NDArray[np.float64]
    size: tuple[int, int] = (HEIGHT, WIDTH)

    @classmethod
    def of(cls, numbers: Sequence[float]) -> "BirdsEye":
        """Return the view for four points or a homography.

        Args:
            numbers: x, y of four corners of a rectangle on the road (near left, far left, far
                right, near right), or the nine numbers of a homography, row by row.

        Raises:
            InvalidSetting: Neither eight nor nine numbers, or they span no plane.

        >>> view = BirdsEye.of([0, 10, 4, 0, 6, 0, 10, 10])
        >>> view.size
        (600, 400)
        """
        values = np.array(numbers, np.float64)
        if values.size not in (8, 9) or not np.isfinite(values).all():
            raise InvalidSetting.of("birdseye", list(numbers), "8 numbers (4 points x,y) or 9")
        if values.size == 9:
            matrix = values.reshape(3, 3)
        else:
            left, right = EDGE * WIDTH, (1 - EDGE) * WIDTH
            target = np.array([[left, HEIGHT], [left, 0], [right, 0], [right, HEIGHT]], np.float32)
            matrix = cv2.getPerspectiveTransform(values.reshape(4, 2).astype(np.float32), target)
        if abs(np.linalg.det(matrix)) < 1e-12:
            raise InvalidSetting.of("birdseye", list(numbers), "four corners of a rectangle")
        return cls(np.asarray(matrix, np.float64))

    def __call__(self, image: Image, result: Result) -> Image:
        """Return the picture from above with the classes of the ground over it.

        What stands on the ground has no true place in this view and is not painted.
        """
        found = to_semantic(result)
        ground = [row.id for row in found.legend if row.name in GROUND]
        labels = np.where(np.isin(found.labels, ground), found.labels, found.legend.void)
        seen = Semantic(self.labels(labels.astype(np.int32), found.legend.void), found.legend)
        return draw(self.picture(Image(screen_pixels(image))), seen)

    def picture(self, image: Image) -> Image:
        """Return a picture from above."""
        height, width = self.size
        flat = np.ascontiguousarray(image.pixels)
        return Image(cv2.warpPerspective(flat, self.matrix, (width, height)))

    def labels(self, labels: NDArray[np.int32], void: int) -> NDArray[np.int32]:
        """Return labels (H, W) from above, the nearest ones; ``void`` where nothing is seen."""
        height, width = self.size
        seen: NDArray[np.float32] = cv2.warpPerspective(
            labels.astype(np.float32),
            self.matrix,
            (width, height),
            flags=cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=float(void),
        )
        return seen.astype(np.int32)

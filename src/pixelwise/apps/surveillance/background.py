"""What every background subtraction is: it learns the ground, and says what is not of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Legend, Semantic
from pixelwise.core.provenance import Provenance
from pixelwise.errors import InputError
from pixelwise.ops.colour import rgb8
from pixelwise.ops.morphology import fill_holes

__all__ = ["GROUND", "LEGEND", "MOVING", "SHADOW", "Background"]

GROUND, MOVING, SHADOW = range(3)
LEGEND = Legend.of(["background", "moving", "shadow"], things=["moving"])

SIDE = 640
"""Longer side in pixels at which the ground is learnt."""
SPECKLE, GAP = 5, 11
"""Pixels: what is smaller goes, what is apart by less is joined."""


class Background(ABC):
    """A segmenter with a memory: ground, what moves, and shadows, of a camera that stands still.

    It is called frame by frame and goes on learning; :meth:`learn` gives it frames beforehand.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self._size: tuple[int, ...] | None = None

    def learn(self, images: Iterable[Image]) -> None:
        """Learn the ground from frames, in order, of which most show it at each place."""
        for image in images:
            self._apply(self._small(image))

    def __call__(self, image: Image) -> Semantic:
        """Return ground, moving and shadow of the next frame.

        Raises:
            InputError: It has another size than the frames before.
        """
        labels = _cleaned(self._apply(self._small(image)))
        height, width = image.size
        if labels.shape != (height, width):
            labels = np.asarray(
                cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8
            )
        made = Provenance(method=self.name)
        return Semantic(labels.astype(np.int32), LEGEND, space=image.space, provenance=made)

    @abstractmethod
    def _apply(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what each pixel (h, w) is, and learn."""

    def _small(self, image: Image) -> NDArray[np.uint8]:
        if image.is_volume:
            raise InputError("a film has pictures, not volumes", reason="volume")
        if self._size is not None and self._size != image.size:
            raise InputError(
                f"the frames before were {self._size}, this one is {image.size}: the ground of "
                "another camera must be learnt anew"
            )
        self._size = image.size
        pixels = rgb8(image.pixels)
        scale = min(1.0, SIDE / max(image.size))
        if scale == 1:
            return pixels
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cleaned(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the labels with the moving parts whole and without specks."""
    moving = cv2.medianBlur((labels == MOVING).view(np.uint8), SPECKLE)
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (GAP, GAP))
    moving = cv2.morphologyEx(moving, cv2.MORPH_CLOSE, shape)
    shadow = cv2.medianBlur((labels == SHADOW).view(np.uint8), SPECKLE).view(bool)
    whole = fill_holes(np.asarray(moving).view(bool))
    return np.where(whole, MOVING, np.where(shadow, SHADOW, GROUND)).astype(np.uint8)

"""What every refinement is: settings, and a call that takes a picture and its result."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Foreground, Image, Instances, Result, Segmenter
from pixelwise.core.method import check_ranges
from pixelwise.errors import InputError
from pixelwise.ops.colour import rgb8
from pixelwise.refine.band import coarsened, usual_cell

__all__ = ["EdgeRefinement", "Refined", "Refinement", "ShapeRefinement"]

MARGIN = 8
"""Pixels of the network around a thing that are looked at, too."""


@dataclass(frozen=True, kw_only=True)
class Refinement(ABC):
    """Base of the refinements: ``(Image, Result) -> Result`` of the same kind and size.

    What is empty stays empty. Settings are checked when it is made; the time it took is added
    to the result's provenance.
    """

    name: ClassVar[str]

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, image: Image, result: Result) -> Result:
        """Return the better result.

        Raises:
            InputError: Picture and result differ in size, or this refinement has no meaning for
                results of that kind.
        """
        if tuple(image.size) != tuple(result.size):
            raise InputError(f"the picture is {image.size}, its result {result.size}")
        start = perf_counter()
        made = result if result.is_empty else self.refine(image, result)
        seconds = {**result.provenance.seconds, self.name: perf_counter() - start}
        return made.made_by(replace(result.provenance, seconds=seconds), result.space)

    @abstractmethod
    def refine(self, image: Image, result: Result) -> Result:
        """Return the better result of one that is not empty."""


@dataclass(frozen=True, kw_only=True)
class EdgeRefinement(Refinement):
    """Base of those that draw outlines to the picture: they take foregrounds and instances.

    Of instances each is drawn in its own part of the picture. Their masks tell nothing of the
    network's size, so that of 256 x 256 is taken.
    """

    def refine(self, image: Image, result: Result) -> Result:
        """Return the result with every outline drawn anew.

        Raises:
            InputError: It has no outlines: no foreground or instances, or those of a volume.
        """
        if len(result.size) == 2 and isinstance(result, Foreground):
            return self.draw(rgb8(image.pixels), result)
        if len(result.size) == 2 and isinstance(result, Instances):
            pixels = rgb8(image.pixels)
            return _with_crops(result, [self._drawn(pixels, crop) for crop in result.crops])
        raise InputError(
            f"{self.name} refines the foreground or the instances of a picture, not {result.task} "
            f"of size {result.size}; ask for the task foreground or instance"
        )

    @abstractmethod
    def draw(self, pixels: NDArray[np.uint8], found: Foreground) -> Foreground:
        """Return a foreground, which is not empty, drawn to the picture (H, W, 3) uint8."""

    def _drawn(self, pixels: NDArray[np.uint8], crop: Crop) -> Crop:
        """Return one mask drawn to its part of the picture; it stays where nothing is left."""
        cell = usual_cell(pixels.shape[:2])
        (top, left), margin = crop.origin, round(MARGIN * cell)
        y0, x0 = max(0, top - margin), max(0, left - margin)
        part = pixels[y0 : crop.box[3] + margin, x0 : crop.box[2] + margin]
        mask = np.zeros(part.shape[:2], bool)
        mask[top - y0 : crop.box[3] - y0, left - x0 : crop.box[2] - x0] = crop.mask
        found = Foreground(mask, coarsened(mask, cell))
        drawn = Crop.of(self.draw(np.ascontiguousarray(part), found).mask)
        if not drawn.mask.size:
            return crop
        return Crop((drawn.origin[0] + y0, drawn.origin[1] + x0), drawn.mask)


@dataclass(frozen=True, kw_only=True)
class ShapeRefinement(Refinement):
    """Base of those that look at masks alone: they take foregrounds and instances."""

    def refine(self, image: Image, result: Result) -> Result:  # noqa: ARG002 - the shape is all
        """Return the result with every mask changed.

        Raises:
            InputError: The result has no masks of its own.
        """
        if isinstance(result, Foreground):
            return self._foreground(result)
        if isinstance(result, Instances):
            return self._instances(result)
        raise InputError(
            f"{self.name} works on masks: on foreground and instances, not on {result.task}"
        )

    @abstractmethod
    def change(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a mask, (H, W) or (D, H, W) bool, changed."""

    def _foreground(self, result: Foreground) -> Foreground:
        mask = self.change(result.mask)
        if result.plane is None:
            return Foreground(mask, legend=result.legend)
        alpha = result.alpha
        half = np.float32(0.5)
        alpha = np.where(mask & (alpha <= half), 1 - alpha, alpha)
        alpha = np.where(~mask & (alpha > half), 0, alpha).astype(np.float32)
        return Foreground(mask, alpha, legend=result.legend)

    def _instances(self, result: Instances) -> Instances:
        masks = [self.change(np.pad(crop.mask, 1)) for crop in result.crops]
        crops = [
            _moved(mask, crop, result.size) for mask, crop in zip(masks, result.crops, strict=True)
        ]
        return _with_crops(result, crops)


def _with_crops(result: Instances, crops: Sequence[Crop]) -> Instances:
    """Return the instances with other masks; those of which nothing is left go."""
    areas = np.array([crop.area for crop in crops], np.int64)
    kept = areas > 0
    left = tuple(crop for crop, stays in zip(crops, kept, strict=True) if stays)
    boxes = np.array([crop.box for crop in left], np.float32).reshape(-1, 4)
    table = replace(result.segments[kept], box=boxes, area=areas[kept])
    return Instances(table, left, result.size, result.legend)


def _moved(mask: NDArray[np.bool_], crop: Crop, size: tuple[int, ...]) -> Crop:
    """Return a mask that was padded by a pixel as a crop of the picture."""
    low = [max(0, 1 - part.start) for part in crop.window]
    high = [
        side - max(0, part.stop + 1 - whole)
        for side, part, whole in zip(mask.shape, crop.window, size, strict=True)
    ]
    inside = mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    origin = tuple(part.start - 1 + cut for part, cut in zip(crop.window, low, strict=True))
    tight = Crop.of(inside)
    return Crop(tuple(a + b for a, b in zip(origin, tight.origin, strict=True)), tight.mask)


@dataclass(frozen=True)
class Refined:
    """A segmenter whose results are refined, one refinement after the other.

    Args:
        segmenter: Any.
        steps: What is done to its results, in this order.
    """

    segmenter: Segmenter
    steps: tuple[Refinement, ...]

    def __call__(self, image: Image) -> Result:
        """Segment ``image`` and refine the result."""
        result = self.segmenter(image)
        for step in self.steps:
            result = step(image, result)
        return result

"""What every refinement is: settings, and a call that takes a picture and its result."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from time import perf_counter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Foreground, Image, Instances, Result, Segmenter
from pixelwise.core.method import check_ranges
from pixelwise.errors import InputError

__all__ = ["Refined", "Refinement", "ShapeRefinement"]


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

    def foreground(self, result: Result) -> Foreground:
        """Return ``result`` if it is a foreground of a picture.

        Raises:
            InputError: It is not.
        """
        if not isinstance(result, Foreground) or len(result.size) != 2:
            raise InputError(
                f"{self.name} refines the foreground of a picture, not {result.task} of size "
                f"{result.size}; ask for the task foreground"
            )
        return result


@dataclass(frozen=True, kw_only=True)
class ShapeRefinement(Refinement):
    """Base of those that look at masks alone: they take foregrounds and instances."""

    def refine(self, image: Image, result: Result) -> Result:  # noqa: ARG002 - the shape is all
        """Return the result with every mask changed."""
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
        kept = np.array([crop.area > 0 for crop in crops], bool)
        left = tuple(crop for crop, stays in zip(crops, kept, strict=True) if stays)
        boxes = np.array([crop.box for crop in left], np.float32).reshape(-1, 4)
        areas = np.array([crop.area for crop in left], np.int64)
        table = replace(result.segments[kept], box=boxes, area=areas)
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

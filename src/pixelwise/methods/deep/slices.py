"""Segmenters for pictures on volumes: slice by slice, with a vote between planes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Segmenter, Semantic, Task
from pixelwise.errors import InputError, InvalidSetting

__all__ = ["SliceBySlice"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceBySlice:
    """A segmenter for pictures on every slice of a volume, with a vote between planes.

    Args:
        segmenter: Answers with a class for every pixel or with a foreground.
        planes: Axes of the array that slices are cut across: 0, 1, 2 or several; the class with
            most votes wins, on a tie that of the first plane.
        window: Values that become black and white; None: the volume's 0.5 and 99.5 % quantiles.

    Raises:
        InvalidSetting: The planes are not axes among 0, 1 and 2.

    >>> half = SliceBySlice(segmenter=lambda image: Foreground(image.pixels[..., 0] > 127))
    >>> half(Image.volume(np.arange(8).reshape(2, 2, 2))).mask[1].all()
    np.True_
    """

    segmenter: Segmenter = field(repr=False)
    planes: tuple[int, ...] = (0,)
    window: tuple[float, float] | None = None
    task = Task.SEMANTIC

    def __post_init__(self) -> None:
        if not self.planes or not set(self.planes) <= {0, 1, 2}:
            raise InvalidSetting.of("planes", self.planes, "axes among 0, 1 and 2")

    def __call__(self, image: Image) -> Semantic | Foreground:
        """Segment every slice.

        Raises:
            InputError: It is a picture.
        """
        if not image.is_volume:
            raise InputError("expected a volume, this is a picture; give it to the model itself")
        grey = _grey8(image.pixels[..., 0], self.window)
        start = perf_counter()
        answers = [self._along(grey, axis) for axis in self.planes]
        labels = _voted([labels for labels, _ in answers])
        last = answers[-1][1]
        votes = f", across {len(self.planes)} axes, which vote" if len(self.planes) > 1 else ""
        made = replace(
            last.provenance,
            seconds={"segment": perf_counter() - start},
            notes=(*image.notes, *last.provenance.notes, f"slice by slice{votes}"),
        )
        if isinstance(last, Foreground):
            mask = labels.astype(bool)
            return Foreground(mask, legend=last.legend, space=image.space, provenance=made)
        return Semantic(labels, last.legend, space=image.space, provenance=made)

    def _along(
        self, grey: NDArray[np.uint8], axis: int
    ) -> tuple[NDArray[np.int32], Semantic | Foreground]:
        """Return the labels of every slice, and the last result."""
        planes = []
        for plane in np.moveaxis(grey, axis, 0):
            result = self._of_slice(plane)
            planes.append(np.asarray(result).astype(np.int32))
        return np.stack(planes, axis=axis), result

    def _of_slice(self, plane: NDArray[np.uint8]) -> Semantic | Foreground:
        result = self.segmenter(Image(np.repeat(plane[..., np.newaxis], 3, axis=-1)))
        if not isinstance(result, Semantic | Foreground):
            raise InputError("slice by slice needs a semantic or foreground segmenter")
        return result


def _grey8(voxels: NDArray[np.generic], window: tuple[float, float] | None) -> NDArray[np.uint8]:
    low, high = np.percentile(voxels.astype(np.float32), [0.5, 99.5]) if window is None else window
    scaled = (voxels.astype(np.float32) - np.float32(low)) * np.float32(255 / max(high - low, 1e-9))
    return np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)


def _voted(answers: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Return the label that most planes gave; on a tie that of the first of them."""
    if len(answers) == 1:
        return answers[0]
    stack = np.stack(answers)
    votes = np.stack([(stack == one).sum(axis=0) for one in stack])
    return np.asarray(np.take_along_axis(stack, votes.argmax(axis=0)[np.newaxis], axis=0)[0])

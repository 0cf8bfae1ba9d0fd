"""Training patches: each is a function of the seed and the step alone, so any step can be redone.

A run that was stopped goes on with exactly the patches that it would have seen.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from pixelwise.cards import Channels
from pixelwise.cards.inputs import VolumeSpec
from pixelwise.core import Image
from pixelwise.methods.deep.conform import conformed
from pixelwise.methods.deep.levels import span
from pixelwise.ops.colour import grey, rgb8
from pixelwise.ops.resample import resampled
from pixelwise.training.augmenting import placed, shaded
from pixelwise.training.examples import Example
from pixelwise.training.plan import Plan

__all__ = ["Batch", "Patches", "channels_of"]

Batch = dict[str, torch.Tensor]


class Patch(NamedTuple):
    """A patch before it becomes tensors.

    Args:
        pixels: (..., C) float32, 0..1.
        numbers: The same size, int32.
        classes: (N,) int32, class index of each number.
    """

    pixels: NDArray[np.float32]
    numbers: NDArray[np.int32]
    classes: NDArray[np.int32]


class Source(NamedTuple):
    """An example as patches are cut from it.

    Args:
        pixels: (..., C), uint8 or float32, in the network's channels.
        span: The values that become 0 and 1.
        numbers: As in the example.
        classes: As in the example.
        places: (N, axes) some places that are no background.
    """

    pixels: NDArray[Any]
    span: tuple[float, float]
    numbers: NDArray[np.int32]
    classes: NDArray[np.int32]
    places: NDArray[np.int32]


PLACES = 2000
"""Places kept of one picture, to put patches on."""


class Patches(Dataset[list[Patch]]):
    """Step -> the patches of that step.

    Args:
        examples: What is learnt from.
        plan: Size, number and changes of the patches.
        rank: Number of this process.
        ranks: Processes that share a step's patches.
    """

    def __init__(
        self, examples: Sequence[Example], plan: Plan, *, rank: int = 0, ranks: int = 1
    ) -> None:
        self.plan = plan
        self._rank, self._ranks = rank, ranks
        self._sources = [_source(example, plan) for example in examples]

    def __len__(self) -> int:
        return self.plan.steps

    def __getitem__(self, step: int) -> list[Patch]:
        """Return the patches of one step."""
        first = (step * self._ranks + self._rank) * self.plan.batch
        return [self.patch(first + number) for number in range(self.plan.batch)]

    def patch(self, number: int) -> Patch:
        """Return the patch with a running number; every picture comes once in each round."""
        rounds, place = divmod(number, len(self._sources))
        order = np.random.default_rng([self.plan.seed, 0, rounds]).permutation(len(self._sources))
        rng = np.random.default_rng([self.plan.seed, 1, number])
        source = self._sources[order[place]]
        matrix = placed(rng, self.plan, self._middle(rng, source))
        pixels = warped(source.pixels, matrix, self.plan.patch, nearest=False)
        low, high = source.span
        pixels = (pixels.astype(np.float32) - np.float32(low)) / np.float32(max(high - low, 1e-6))
        numbers = warped(source.numbers, matrix, self.plan.patch, nearest=True)
        return Patch(shaded(rng, self.plan, pixels.clip(0, 1)), numbers, source.classes)

    def _middle(self, rng: np.random.Generator, source: Source) -> NDArray[np.float64]:
        """Return the place in the picture that the patch's middle shows."""
        size = np.array(source.numbers.shape, np.float64)
        if len(source.places) and rng.random() < self.plan.foreground:
            return source.places[rng.integers(len(source.places))].astype(np.float64)
        room = np.maximum(size - np.array(self.plan.patch), 0)
        return (size - 1) / 2 + (rng.random(len(size)) - 0.5) * room


def channels_of(image: Image, plan: Plan) -> NDArray[Any]:
    """Return the pixels in the network's channels, uint8 or float32."""
    if plan.channels is Channels.RGB:
        return rgb8(image.pixels)
    if plan.channels is Channels.GREY:
        values = grey(image.pixels)[..., np.newaxis]
        return values if values.dtype == np.uint8 else values.astype(np.float32)
    return image.pixels.astype(np.float32)


def warped(
    values: NDArray[Any], matrix: NDArray[np.float64], size: tuple[int, ...], *, nearest: bool
) -> NDArray[Any]:
    """Return a patch.

    Args:
        values: (H, W), (H, W, C), or (D, H, W) and (D, H, W, C).
        matrix: (axes + 1, axes + 1), takes indices of the patch to those of ``values``.
        size: Of the patch.
        nearest: Take the nearest pixel, for numbers; else linear.
    """
    if len(size) == 2:
        return _warped_picture(values, matrix, size, nearest=nearest)
    if values.ndim == 3:
        return resampled(values, matrix, (size[0], size[1], size[2]), nearest=nearest)
    planes = [warped(values[..., c], matrix, size, nearest=nearest) for c in range(values.shape[3])]
    return np.stack(planes, axis=-1)


def _warped_picture(
    values: NDArray[Any], matrix: NDArray[np.float64], size: tuple[int, ...], *, nearest: bool
) -> NDArray[Any]:
    turned = matrix[[1, 0]][:, [1, 0, 2]]  # OpenCV counts x, y
    way = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    source = values.astype(np.float32) if nearest else values
    made = cv2.warpAffine(
        source,
        turned,
        (size[1], size[0]),
        flags=way | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if nearest:
        return made.astype(values.dtype)
    return made[..., np.newaxis] if made.ndim == 2 else made


def _source(example: Example, plan: Plan) -> Source:
    if plan.orientation:
        pixels, numbers = _on_grid(example, plan)
    else:
        pixels, numbers = channels_of(example.image, plan), example.numbers
    things = np.argwhere(example.classes[numbers] > 0).astype(np.int32)
    step = max(1, len(things) // PLACES)
    return Source(pixels, span(pixels, plan.levels), numbers, example.classes, things[::step])


def _on_grid(example: Example, plan: Plan) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return voxels (i, j, k, 1) and numbers (i, j, k) on the grid that the network will see."""
    spec = VolumeSpec(orientation=plan.orientation, spacing_mm=plan.spacing_mm, side=0)
    grid = conformed(example.image, spec)
    back = np.asarray(np.linalg.inv(grid.matrix), np.float64)
    size = (grid.voxels.shape[0], grid.voxels.shape[1], grid.voxels.shape[2])
    numbers = resampled(example.numbers, back, size, nearest=True)
    return grid.voxels[..., np.newaxis].astype(np.float32), numbers

"""Networks on volumes: whole conformed heads, sliding windows, and pictures slice by slice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import product
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.cards.inputs import Levels, VolumeSpec
from pixelwise.core import (
    Foreground,
    Image,
    Legend,
    Provenance,
    Segmenter,
    Semantic,
    Session,
    Task,
)
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.methods.deep.conform import Conformed, conformed
from pixelwise.ops.components import components
from pixelwise.runtimes import RUNTIMES

__all__ = ["SliceBySlice", "VolumeNetwork", "slid"]

LOW, HIGH = 0.05, 0.95
"""Quantiles of ``Levels.QUANTILES``."""
SIGMA = 1 / 8
"""Of the Gaussian weight of a window, in sides; nnU-Net's value."""

Scores = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes (D, H, W), returns scores (classes, D, H, W)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VolumeNetwork:
    """A network that takes a whole volume, conformed to the grid it was trained on.

    The volume is turned and resampled to the card's orientation and spacing, cropped to what is
    bright, run, and its labels are brought back to the grid it came from.

    Args:
        card: What the network is; it has a ``volume`` part.
        path: Its file, whose hash was checked.
        runtime: Row of the RUNTIMES table.
        device: Where it runs.
        threads: Threads of the runtime; None: one a core, at most 4.
    """

    card: Card
    path: Path
    runtime: str
    device: str = "cpu"
    threads: int | None = None

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def task(self) -> Task:
        """What its results are."""
        return self.card.task

    def __call__(self, image: Image) -> Semantic:
        """Segment a volume.

        Raises:
            InputError: It is a picture, has several channels, or no millimetres.
            ModelError: The model fails.
        """
        spec = self._spec(image)
        start = perf_counter()
        grid = conformed(image, spec)
        voxels, window = _cropped(grid, _normalised(grid, self.card.input.levels), spec)
        prepared = perf_counter()
        name = self._session.inputs[0].name
        logits = self._session.run({name: voxels[np.newaxis, ..., np.newaxis]})[0][0]
        inferred = perf_counter()
        found = self.card.classes[logits.argmax(axis=-1)]
        if spec.keep_largest:
            found = _largest(found)
        labels = np.zeros(grid.voxels.shape, np.int32)
        labels[window] = found
        native = grid.back(labels)
        seconds = {
            "prepare": prepared - start,
            "infer": inferred - prepared,
            "decode": perf_counter() - inferred,
        }
        made = Provenance(
            method="volume",
            model=self.card.name,
            model_sha256=self._sha256,
            runtime=self.runtime,
            device=self._session.device,
            seconds=seconds,
            notes=(*image.notes, *self.card.notes),
        )
        return Semantic(native, self.card.legend_object(), space=image.space, provenance=made)

    def _spec(self, image: Image) -> VolumeSpec:
        if self.card.volume is None or not image.is_volume or image.channels != 1:
            raise InputError(f"{self.name} takes grey volumes, not pixels {image.pixels.shape}")
        if image.space.unit is not Unit.MILLIMETRE:
            raise InputError(
                f"{self.name} needs to know the voxel size and orientation, and this volume has "
                "none: its matrix is singular or missing",
                reason="affine",
            )
        return self.card.volume

    @cached_property
    def _session(self) -> Session:
        return RUNTIMES[self.runtime](self.path, threads=self.threads, device=self.device)

    @cached_property
    def _sha256(self) -> str:
        return sha256(self.path.read_bytes()).hexdigest()


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceBySlice:
    """A segmenter for pictures on every slice of a volume, with a vote between planes.

    Args:
        segmenter: Answers with a class for every pixel or with a foreground.
        planes: Axes of the array that slices are cut across: 0, 1, 2 or several; the class with
            most votes wins, on a tie that of the first plane.
        window: Values that become black and white; None: the volume's 0.5 and 99.5 % quantiles.

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
        answers = [self._along(grey, axis) for axis in self.planes]
        labels = _voted([labels for labels, _ in answers])
        legend = answers[0][1]
        made = Provenance(method="slice-by-slice", notes=image.notes)
        if legend is None:
            return Foreground(labels.astype(bool), space=image.space, provenance=made)
        return Semantic(labels, legend, space=image.space, provenance=made)

    def _along(self, grey: NDArray[np.uint8], axis: int) -> tuple[NDArray[np.int32], Legend | None]:
        labels = np.zeros(grey.shape, np.int32)
        legend = None
        for source, target in zip(
            np.moveaxis(grey, axis, 0), np.moveaxis(labels, axis, 0), strict=True
        ):
            result = self.segmenter(Image(np.repeat(source[..., np.newaxis], 3, axis=-1)))
            if not isinstance(result, Semantic | Foreground):
                raise InputError("slice by slice needs a semantic or foreground segmenter")
            target[:] = np.asarray(result)
            legend = result.legend if isinstance(result, Semantic) else None
        return labels, legend


def slid(
    voxels: NDArray[np.float32],
    scores: Scores,
    size: tuple[int, int, int],
    *,
    overlap: float = 0.5,
    mirror: Sequence[int] = (),
) -> NDArray[np.float32]:
    """Return scores of a volume from windows, blended with Gaussian weights.

    Args:
        voxels: (D, H, W); smaller than a window it is padded with zeros.
        scores: The network on one window of ``size``.
        size: (d, h, w) of a window.
        overlap: Share by which neighbours overlap, 0 to 0.9.
        mirror: Axes along which each window is also run mirrored, and the scores averaged.

    Returns:
        (classes, D, H, W) float32.

    Source:
        F. Isensee et al., "nnU-Net", Nature Methods 18, 2021.

    >>> slid(np.ones((4, 5, 6), np.float32), lambda part: part[np.newaxis] * 3, (4, 4, 4)).mean()
    np.float32(3.0)
    """
    padding = [(0, max(0, side - have)) for side, have in zip(size, voxels.shape, strict=True)]
    padded = np.pad(voxels, padding)
    weight = _gaussian(size)
    total: NDArray[np.float32] | None = None
    weights = np.zeros(padded.shape, np.float32)
    for start in _starts(padded.shape, size, overlap):
        window = tuple(slice(at, at + side) for at, side in zip(start, size, strict=True))
        answer = _mirrored(padded[window], scores, mirror)
        if total is None:
            total = np.zeros((len(answer), *padded.shape), np.float32)
        total[(slice(None), *window)] += answer * weight
        weights[window] += weight
    inside = tuple(slice(0, side) for side in voxels.shape)
    return np.asarray(np.asarray(total)[(slice(None), *inside)] / weights[inside], np.float32)


def _mirrored(
    part: NDArray[np.float32], scores: Scores, axes: Sequence[int]
) -> NDArray[np.float32]:
    answers = []
    for flips in product((False, True), repeat=len(axes)):
        turned = [axis for axis, flip in zip(axes, flips, strict=True) if flip]
        answer = scores(np.ascontiguousarray(np.flip(part, tuple(turned))))
        answers.append(np.flip(answer, tuple(axis + 1 for axis in turned)))
    return np.asarray(np.mean(answers, axis=0), np.float32)


def _starts(
    shape: tuple[int, ...], size: tuple[int, int, int], overlap: float
) -> Iterator[tuple[int, ...]]:
    places = []
    for have, side in zip(shape, size, strict=True):
        count = int(np.ceil((have - side) / max(1, side * (1 - overlap)))) + 1
        places.append([round(at) for at in np.linspace(0, have - side, count)])
    yield from product(*places)


def _gaussian(size: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return weights that fall from the middle; never 0, so that each voxel has some."""
    weight = np.ones(())
    for side in size:
        steps = (np.arange(side) - (side - 1) / 2) / (side * SIGMA)
        weight = np.multiply.outer(weight, np.exp(-0.5 * steps**2))
    return np.asarray(np.maximum(weight, 1e-4), np.float32)


def _normalised(grid: Conformed, levels: Levels) -> NDArray[np.float32]:
    voxels = grid.voxels
    if levels is Levels.QUANTILES:
        low, high = np.quantile(voxels.astype(np.float32, copy=False), [LOW, HIGH])
    else:
        low, high = float(voxels.min()), float(voxels.max())
    scale = np.float32(high - low) or np.float32(1)
    return (voxels.astype(np.float32) - np.float32(low)) / scale


def _cropped(
    grid: Conformed, values: NDArray[np.float32], spec: VolumeSpec
) -> tuple[NDArray[np.float32], tuple[slice, ...]]:
    """Return the part around what is bright, and where it lies."""
    bright = grid.voxels > spec.crop_level * grid.voxels.max()
    if not bright.any():
        return values, tuple(slice(0, side) for side in values.shape)
    window = []
    for axis, side in enumerate(values.shape):
        filled = np.flatnonzero(
            bright.any(axis=tuple(other for other in range(3) if other != axis))
        )
        first, last = filled[0] - spec.crop_margin, filled[-1] + 1 + spec.crop_margin
        window.append(slice(max(0, int(first)), min(side, int(last))))
    return values[tuple(window)], tuple(window)


def _largest(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the labels without what is not joined to the largest part."""
    parts, count = components(labels > 0)
    if count < 2:
        return labels
    sizes = np.bincount(parts.reshape(-1))
    sizes[0] = 0
    return np.where(parts == sizes.argmax(), labels, 0).astype(np.int32)


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

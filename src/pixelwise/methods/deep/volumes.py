"""Networks that take a whole volume, conformed to the grid they were trained on."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.cards.inputs import Levels, VolumeSpec
from pixelwise.core import (
    Image,
    Provenance,
    Semantic,
    Session,
    Task,
)
from pixelwise.core.space import Unit
from pixelwise.errors import InputError
from pixelwise.methods.deep.conform import Conformed, conformed
from pixelwise.ops.components import components
from pixelwise.runtimes import RUNTIMES

__all__ = ["VolumeNetwork"]

LOW, HIGH = 0.05, 0.95
"""Quantiles of ``Levels.QUANTILES``."""


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

"""Networks that take a whole volume, conformed to the grid they were trained on."""

from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.cards.inputs import Layout, Levels, VolumeSpec
from pixelwise.core import Image, Provenance, Semantic, Session, Task
from pixelwise.core.space import Unit
from pixelwise.errors import InputError
from pixelwise.methods.deep.conform import Conformed, conformed
from pixelwise.methods.deep.levels import levelled
from pixelwise.methods.deep.mirrors import in_mirrors, mirror_notes
from pixelwise.methods.deep.windows import Sliding
from pixelwise.ops.components import components
from pixelwise.runtimes import RUNTIMES

__all__ = ["VolumeNetwork", "fed", "labelled"]


@dataclass(frozen=True, kw_only=True, eq=False)
class VolumeNetwork:
    """A network that takes a whole volume, conformed to the grid it was trained on.

    The volume is turned and resampled to the card's orientation and spacing, cropped to what is
    bright, run whole or in windows, and its labels are brought back to the grid it came from.

    Args:
        card: What the network is; it has a ``volume`` part.
        path: Its file, whose hash was checked.
        runtime: Row of the RUNTIMES table.
        device: Where it runs.
        threads: Threads of the runtime; None: one a core, at most 4.
        mirror: Axes of its grid along which it is also run mirrored; the answers are averaged.
        sliding: Windows in which it sees the volume; None: it sees the whole at once.
    """

    takes_volumes: ClassVar[bool] = True

    card: Card
    path: Path
    runtime: str
    device: str = "cpu"
    threads: int | None = None
    mirror: tuple[int, ...] = ()
    sliding: Sliding | None = None

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
        start = perf_counter()
        session = self._session
        loaded = perf_counter()
        labels, seconds = labelled(image, self.card, session, self.sliding)
        windows = () if self.sliding is None else (self.sliding.note,)
        made = Provenance(
            method="volume",
            model=self.card.name,
            model_sha256=self._sha256,
            runtime=self.runtime,
            device=session.device,
            seconds={"load": loaded - start, **seconds},
            notes=(*image.notes, *self.card.notes, *mirror_notes(self.mirror), *windows),
        )
        return Semantic(labels, self.card.legend_object(), space=image.space, provenance=made)

    @cached_property
    def _session(self) -> Session:
        session = RUNTIMES[self.runtime](self.path, threads=self.threads, device=self.device)
        return in_mirrors(session, self.card, self.mirror)

    @cached_property
    def _sha256(self) -> str:
        return sha256(self.path.read_bytes()).hexdigest()


def labelled(
    image: Image, card: Card, session: Session, sliding: Sliding | None = None
) -> tuple[NDArray[np.int32], dict[str, float]]:
    """Return the labels of a volume on its own grid, and the seconds of each stage.

    Args:
        image: A grey volume with millimetres.
        card: What the network is.
        session: Its loaded file.
        sliding: Windows in which it sees the volume; None: the whole at once.

    Raises:
        InputError: It is a picture, has several channels, or no millimetres.
        ModelError: The model fails.
    """
    spec = _checked(image, card)
    start = perf_counter()
    grid = conformed(image, spec)
    voxels, window = _cropped(grid, _normalised(grid, card.input.levels), spec)
    prepared = perf_counter()
    scores = partial(_answer, card=card, session=session)
    logits = scores(voxels) if sliding is None else sliding(voxels, scores)
    inferred = perf_counter()
    found = card.classes[logits.argmax(axis=-1)]
    if spec.keep_largest:
        found = _largest(found)
    labels = np.zeros(grid.voxels.shape, np.int32)
    labels[window] = found
    native = grid.back(labels)
    return native, {
        "prepare": prepared - start,
        "infer": inferred - prepared,
        "decode": perf_counter() - inferred,
    }


def fed(image: Image, card: Card) -> NDArray[np.float32]:
    """Return a volume as the network is fed it, (1, 1, i, j, k) or (1, i, j, k, 1) float32.

    Raises:
        InputError: It is no grey volume with millimetres.
    """
    spec = _checked(image, card)
    grid = conformed(image, spec)
    return _laid(_cropped(grid, _normalised(grid, card.input.levels), spec)[0], card)


def _laid(voxels: NDArray[np.float32], card: Card) -> NDArray[np.float32]:
    """Return voxels with their sides padded as wanted, in the network's order of axes."""
    step = card.input.multiple
    padded = np.pad(voxels, [(0, -side % step) for side in voxels.shape], mode="edge")
    channel = (0, 1) if card.input.layout is Layout.NCDHW else (0, 4)
    return np.expand_dims(padded, channel)


def _answer(voxels: NDArray[np.float32], card: Card, session: Session) -> NDArray[Any]:
    """Return the scores (i, j, k, C) of voxels (i, j, k)."""
    scores = session.run({session.inputs[0].name: _laid(voxels, card)})[0][0]
    if card.input.layout is Layout.NCDHW:
        scores = np.moveaxis(scores, 0, -1)
    return scores[tuple(slice(0, side) for side in voxels.shape)]


def _checked(image: Image, card: Card) -> VolumeSpec:
    if card.volume is None or not image.is_volume or image.channels != 1:
        raise InputError(f"{card.name} takes grey volumes, not pixels {image.pixels.shape}")
    if image.space.unit is not Unit.MILLIMETRE:
        raise InputError(
            f"{card.name} needs to know the voxel size and orientation, and this volume has "
            "none: its matrix is singular or missing",
            reason="affine",
        )
    return card.volume


def _normalised(grid: Conformed, levels: Levels) -> NDArray[np.float32]:
    voxels = grid.voxels.astype(np.float32)
    return levelled(voxels, voxels, Levels.MIN_MAX if levels is Levels.BYTES else levels)


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

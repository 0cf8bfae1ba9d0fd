"""From a 4x4 matrix to a Space, and back."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Instances, Result, Space
from pixelwise.core.space import Unit
from pixelwise.errors import LimitError, OutputError
from pixelwise.io.format import Thing
from pixelwise.io.limits import MEBI, Limits, free_memory

__all__ = ["LPS", "affine_of", "check_voxels", "space_of", "voxels_of"]

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Turns left-posterior-superior coordinates (DICOM, ITK) to right-anterior-superior and back."""
ROUNDING = 1e-4
"""Share by which a stated voxel size and the matrix may differ: both are rounded to float32."""
SMALL = 256 * MEBI
"""Below this the free memory is not looked up."""


def space_of(
    affine: NDArray[np.float64], stated: tuple[float, ...] | None = None
) -> tuple[Space, tuple[str, ...]]:
    """Return the space of a volume, and notes on what was wrong with it.

    A matrix that is singular or not finite leaves a space in voxels: work on voxels goes on,
    work in millimetres is refused by who needs it.

    Args:
        affine: (4, 4), voxel (i, j, k, 1) to RAS millimetres.
        stated: Voxel size along i, j, k as the header says it, kept where the matrix agrees.

    >>> space_of(np.diag([2.0, 3.0, 4.0, 1.0]))[0].spacing
    (4.0, 3.0, 2.0)
    """
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    usable = np.isfinite(affine).all() and sizes.min() > 0
    if usable and abs(np.linalg.det(affine[:3, :3] / sizes)) > 1e-6:
        agrees = stated is not None and np.allclose(stated, sizes, rtol=ROUNDING, atol=0)
        steps = stated if agrees and stated is not None else tuple(sizes)
        rows = tuple(tuple(float(value) for value in row) for row in affine)
        notes = () if agrees or stated is None else ("spacing: header and matrix differ",)
        return Space(tuple(float(step) for step in steps[::-1]), Unit.MILLIMETRE, rows), notes
    return Space((1.0, 1.0, 1.0)), ("affine: singular or not finite; there are no millimetres",)


def affine_of(space: Space) -> NDArray[np.float64]:
    """Return the (4, 4) matrix of a space; without one, the spacing on a RAS grid from 0."""
    matrix = space.matrix
    if matrix is not None and matrix.shape == (4, 4):
        return matrix
    steps = (*space.spacing[::-1], 1.0, 1.0)[:3]
    return np.diag([*steps, 1.0])


def voxels_of(thing: Thing, kind: str) -> NDArray[np.generic]:
    """Return what a file of a volume holds: (D, H, W) or (D, H, W, C), labels as small as they go.

    Things, which may overlap, become a channel each: 1 where the thing is.

    Raises:
        OutputError: It is a picture, not a volume.
    """
    if isinstance(thing, Image):
        if not thing.is_volume:
            raise OutputError(f"{kind} holds volumes; write the picture as .png or .tif")
        return thing.pixels[..., 0] if thing.channels == 1 else thing.pixels
    if isinstance(thing, Instances) and len(thing.size) == 3:
        return np.moveaxis(np.asarray(thing).astype(np.uint8), 0, -1)
    return small_labels(thing, kind)


def small_labels(result: Result, kind: str) -> NDArray[np.generic]:
    """Return the labels of a result in the smallest of uint8, uint16 and int32 that holds them.

    Raises:
        OutputError: It is the result of a picture.
    """
    labels = np.asarray(result)
    if labels.ndim != 3:
        raise OutputError(f"{kind} holds volumes; write the result of a picture as .png or .tif")
    top = int(labels.max(initial=0))
    return labels.astype(np.uint8 if top < 256 else np.uint16 if top < 65536 else np.int32)


def check_voxels(shape: tuple[int, ...], voxel_bytes: int, limits: Limits, copies: float) -> None:
    """Refuse a volume that is too large, from its header alone.

    Args:
        shape: Its sides.
        voxel_bytes: Bytes of a voxel.
        limits: What is allowed.
        copies: How often it is in memory at the peak.

    Raises:
        LimitError: It has too many voxels or would need too much memory.
    """
    count = prod(shape)
    size = f"a volume of {' x '.join(map(str, shape))} voxels"
    if count > limits.pixels:
        raise LimitError(f"{size} is over the limit of {limits.pixels} voxels; raise the limit")
    needed = int(count * voxel_bytes * copies)
    free = limits.memory or (free_memory() if needed > SMALL else SMALL)
    if needed > free:
        raise LimitError(
            f"{size} needs {needed // MEBI} MiB and {free // MEBI} MiB are allowed; raise the "
            "limit, or unpack it: uncompressed files are read from the disk as they are needed"
        )

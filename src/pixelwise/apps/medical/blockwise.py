"""Volumes larger than memory: read from the disk, segmented, measured and written by slabs."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.statistics import LabelStatistics
from pixelwise.apps.medical.sums import LEVELS, Sums
from pixelwise.core import Image, Segmenter
from pixelwise.errors import InputError, MissingExtra, UsageError
from pixelwise.io.files import read, suffix_of
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits
from pixelwise.methods.threshold.hysteresis import Hysteresis
from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.methods.threshold.threshold import Threshold
from pixelwise.ops.sides import Side, is_constant, side_of
from pixelwise.ops.slabs import Joined, finite_range, slabs

__all__ = ["NOTE", "mapped", "segment_into"]

NOTE = "blockwise: surface and diameters need the whole volume and are not measured"
UNBOUND = Limits(pixels=1 << 50, memory=1 << 60)
"""For what stays on the disk."""


def mapped(path: Path) -> Image:
    """Return a volume whose voxels stay on the disk until they are looked at.

    Raises:
        UsageError: Its format cannot be looked at in pieces.
        InputError: It is damaged, or no volume.
    """
    if path.suffix.lower() != ".nii":
        raise UsageError(f"--blockwise reads uncompressed .nii files, not {suffix_of(path)!r}")
    image = read(path, Reading(limits=UNBOUND))
    if not image.is_volume or image.channels != 1:
        raise InputError(f"expected a volume of one channel, not {image.pixels.shape}")
    if not isinstance(_owner(image.pixels), np.memmap):
        raise UsageError("this file is packed or scaled; write it as plain .nii first")
    return image


def segment_into(
    path: Path, image: Image, method: Segmenter
) -> tuple[tuple[LabelStatistics, ...], tuple[str, ...]]:
    """Segment a mapped volume into a ``.nii`` file; the same mask as :func:`method` gives.

    Args:
        path: The file.
        image: From :func:`mapped`.
        method: A threshold of one level, or hysteresis, of the brighter or darker side.

    Returns:
        The numbers of the foreground, and notes.

    Raises:
        UsageError: The method needs the whole volume in memory.
        OutputError: The file cannot be written.
    """
    values = image.pixels[..., 0]
    masks, note = _masks(method, values)
    sums = Sums(values.shape, _least(values))

    def measured() -> Iterator[NDArray[np.bool_]]:
        for mask, piece in zip(masks, slabs(values), strict=True):
            sums.take(mask, piece)
            yield mask

    _nifti().write_slabs(path, image.space, values.shape, measured())
    row = sums.row("foreground", image.space)
    return (() if row is None else (row,)), (note, NOTE)


def _least(values: NDArray[Any]) -> int | None:
    """Return the least of whole numbers that span few enough levels to be counted one by one."""
    ends = finite_range(values)
    if values.dtype.kind not in "iu" or ends is None or int(ends[1]) - int(ends[0]) >= LEVELS:
        return None
    return int(ends[0])


def _masks(method: Segmenter, values: NDArray[Any]) -> tuple[Iterator[NDArray[np.bool_]], str]:
    side = getattr(method, "side", Side.BORDER)
    if side is not Side.BORDER and isinstance(method, OneLevel):
        level = method.level_of(values)
        if not isinstance(method, Threshold) and is_constant(values):
            return (np.zeros(piece.shape, bool) for piece in slabs(values)), f"level {level:g}"
        return (side_of(piece, level, side) for piece in slabs(values)), f"level {level:g}"
    if side is not Side.BORDER and isinstance(method, Hysteresis):
        levels = method.levels_of(values)
        if levels is None:
            return (np.zeros(piece.shape, bool) for piece in slabs(values)), "no levels"
        return _joined(values, levels, side), f"levels {levels[0]:g} {levels[1]:g}"
    raise UsageError(
        "--blockwise works for threshold, otsu, li, yen, triangle, isodata and hysteresis with the"
        " brighter or darker side; other methods need the whole volume in memory"
    )


def _joined(
    values: NDArray[Any], levels: tuple[float, float], side: Side
) -> Iterator[NDArray[np.bool_]]:
    weak, sure = levels if side is Side.BRIGHTER else levels[::-1]
    joined = Joined()
    for piece in slabs(values):
        joined.take(side_of(piece, weak, side), side_of(piece, sure, side))
    for number, piece in enumerate(slabs(values)):
        yield joined.kept(number, side_of(piece, weak, side))


def _owner(array: NDArray[Any]) -> object:
    """Return what an array is a view of."""
    owner: object = array
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    return owner


def _nifti() -> Any:  # noqa: ANN401 - a module that needs an extra
    try:
        return import_module("pixelwise.io.volumes.nifti")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pixelwise"):
            raise
        raise MissingExtra.of("nifti", str(error.name), "medical") from error

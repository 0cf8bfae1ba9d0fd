"""Volumes larger than memory: read from the disk, segmented, measured and written by slabs."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.masks import Mask, Masks, Voxels, millimetres
from pixelwise.apps.medical.opening import Opened, open_volume
from pixelwise.apps.medical.presets import Preset
from pixelwise.apps.medical.shaping import PARTS, Step, shaped, shaped_notes
from pixelwise.apps.medical.statistics import LabelStatistics
from pixelwise.apps.medical.sums import Sums, finite
from pixelwise.core import Foreground, Image, Legend, Provenance, Segmenter
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, MissingExtra, UsageError
from pixelwise.io.files import read, suffix_of
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits
from pixelwise.methods.threshold.hysteresis import Hysteresis
from pixelwise.methods.threshold.one_level import OneLevel
from pixelwise.methods.threshold.threshold import Threshold
from pixelwise.ops.sides import Side, is_constant, side_of
from pixelwise.ops.slabs import slabs

__all__ = ["ON_DISK", "mapped", "segment_into"]

ON_DISK = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
"""What can be looked at in pieces."""
UNBOUND = Limits(pixels=1 << 50, memory=1 << 60, file_bytes=1 << 60)
"""For what stays on the disk."""


def mapped(path: Path, scratch: Path, *, series: str | None = None) -> Opened:
    """Return a volume whose voxels stay on the disk until they are looked at.

    Args:
        path: NIfTI, NRRD or MetaImage, packed or not; a folder of DICOM slices.
        scratch: Folder for the voxels that had to be unpacked or scaled; nothing is left there.
        series: Which series of a DICOM folder, by the end of its UID.

    Raises:
        UsageError: Its format cannot be looked at in pieces.
        InputError: It is damaged, or no volume.
    """
    if not path.is_dir() and suffix_of(path) not in ON_DISK:
        known = ", ".join(ON_DISK)
        raise UsageError(f"--blockwise reads {known} and folders of DICOM, not {path.suffix!r}")
    opened = open_volume(path, Reading(limits=UNBOUND, scratch=scratch), series=series)
    if opened.image.channels != 1:
        raise InputError(f"expected a volume of one channel, not {opened.image.pixels.shape}")
    return opened


def segment_into(
    path: Path, image: Image, method: Segmenter, steps: Sequence[Step] = ()
) -> tuple[Foreground, tuple[LabelStatistics, ...]]:
    """Segment a mapped volume into a ``.nii`` file; the same mask as :func:`method` gives.

    Args:
        path: The file.
        image: That of :func:`mapped`.
        method: A threshold of one level, or hysteresis, of the brighter or darker side; a preset.
        steps: What is done to the mask, in this order.

    Returns:
        The mask, mapped from the file, and the numbers of the foreground; none where nothing was
        found or the volume has no millimetres.

    Raises:
        UsageError: The method or a step needs the whole volume in memory.
        InputError: Work in millimetres is asked for, and the volume has none.
        OutputError: The file cannot be written.
    """
    if any(step.name == PARTS for step in steps):
        raise UsageError("--shape parts needs the whole volume in memory; leave --blockwise out")
    values, space = image.pixels[..., 0], image.space
    if steps or isinstance(method, Preset):
        millimetres(space)
    masks, legend, note = _masks(method, Voxels(values, space.spacing, in_slabs=True))
    masks = shaped(masks, steps)
    sums = Sums(values.shape, space)

    def measured() -> Iterator[Mask]:
        for mask, piece in zip(masks, slabs(values), strict=True):
            sums.take(mask, piece)
            yield mask

    _nifti().write_slabs(path, space, values.shape, measured())
    written = read(path, Reading(limits=UNBOUND)).pixels[..., 0].view(bool)
    notes = (*image.notes, note, *shaped_notes(steps))
    made = Provenance(method=getattr(method, "name", ""), notes=notes)
    result = Foreground(written, legend=legend, space=space, provenance=made)
    if space.unit is not Unit.MILLIMETRE:
        return result, ()
    row = sums.row(legend.name(1) if legend else "foreground", lambda: _inside(written, values))
    return result, () if row is None else (row,)


def _inside(mask: Mask, values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield the finite values within a mask, a slab at a time."""
    for where, piece in zip(slabs(mask), slabs(values), strict=True):
        yield finite(piece[where])


def _masks(method: Segmenter, voxels: Voxels) -> tuple[Masks, Legend | None, str]:
    """Return the mask, what it is called, and a note."""
    if isinstance(method, Preset):
        return method.masks(voxels), method.legend, f"{method.name}: {method.source}"
    values, side = voxels.values, getattr(method, "side", Side.BORDER)
    if side is not Side.BORDER and isinstance(method, OneLevel):
        level = method.level_of(values)
        if not isinstance(method, Threshold) and is_constant(values):
            return voxels.where(_nothing), None, f"level {level:g}"
        return voxels.where(lambda piece: side_of(piece, level, side)), None, f"level {level:g}"
    if side is not Side.BORDER and isinstance(method, Hysteresis):
        levels = method.levels_of(values)
        if levels is None:
            return voxels.where(_nothing), None, "no levels"
        weak, sure = levels if side is Side.BRIGHTER else levels[::-1]
        joined = voxels.where(lambda piece: side_of(piece, weak, side)).touching(
            voxels.where(lambda piece: side_of(piece, sure, side))
        )
        return joined, None, f"levels {levels[0]:g} {levels[1]:g}"
    raise UsageError(
        "--blockwise works for presets of CT, threshold, otsu, li, yen, triangle, isodata and"
        " hysteresis with the brighter or darker side; others need the whole volume in memory"
    )


def _nothing(piece: NDArray[Any]) -> Mask:
    return np.zeros(piece.shape, bool)


def _nifti() -> Any:  # noqa: ANN401 - a module that needs an extra
    try:
        return import_module("pixelwise.io.volumes.nifti")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pixelwise"):
            raise
        raise MissingExtra.of("nifti", str(error.name), "medical") from error

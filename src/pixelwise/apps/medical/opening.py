"""Opening a volume: a file of any format, or the folder of a DICOM series."""

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.core import Image, Instances, Legend, Prompts, Regions, Result
from pixelwise.errors import InputError, MissingExtra
from pixelwise.io.files import format_of, read_thing
from pixelwise.io.format import Reading

__all__ = ["Opened", "open_labels", "open_volume", "voxel_prompts"]

WHOLE = 1e-3
"""Labels may be stored as floats; so far may they be from whole numbers."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A volume and what came with it.

    Args:
        image: The volume.
        slices: Its DICOM data sets, empty for other formats.
        window: Centre and width for viewing, if the file says so.
    """

    image: Image
    slices: tuple[Any, ...] = field(default=(), repr=False)
    window: tuple[float, float] | None = None


def open_volume(
    path: Path, rules: Reading | None = None, *, series: str | None = None, regrid: bool = False
) -> Opened:
    """Return the volume in a file, or the series in a folder.

    Args:
        path: A volume file, or a folder of DICOM slices.
        rules: Limits.
        series: Which series of the folder, by the end of its UID.
        regrid: Resample an uneven or leaning series instead of refusing it.

    Raises:
        InputError: It cannot be read, or is a picture.
        MissingExtra: The extra ``medical`` is not installed.
    """
    if path.is_dir():
        found = _series_module().read_series(path, rules, series=series, regrid=regrid)
        return Opened(found.image, found.slices, found.window)
    rules = rules or Reading()
    thing = read_thing(path, rules)
    if not isinstance(thing, Image) or not thing.is_volume:
        kind = "a picture" if isinstance(thing, Image) else type(thing).__name__
        hint = "" if isinstance(thing, Image) else "; labels go to --labels, beside their volume"
        raise InputError(f"{path}: expected a volume, this is {kind}{hint}")
    if format_of(path) == ".dcm":
        found = _series_module().alone(path, thing, rules)
        return Opened(found.image, found.slices, found.window)
    return Opened(thing)


def open_labels(path: Path, rules: Reading | None = None) -> Result:
    """Return labels that somebody drew: a label map of any volume format, or a DICOM-SEG.

    A file with several channels of 0 and 1 holds a mask in each; they may overlap.

    Raises:
        InputError: It cannot be read, or holds values that are no labels.
    """
    thing = read_thing(path, rules)
    if not isinstance(thing, Image):
        return thing
    values = thing.pixels
    whole = np.rint(values)
    if whole.min() < 0 or (values.dtype.kind == "f" and abs(values - whole).max() > WHOLE):
        raise InputError(f"{path}: expected whole numbers from 0, this holds other values")
    if thing.is_volume and thing.channels == 1:
        return Regions(whole[..., 0].astype(np.int32), thing.space)
    if not thing.is_volume or whole.max() > 1:
        raise InputError(f"{path}: expected a label map of a volume, not {values.shape}")
    names = ["background", *(f"segment {number}" for number in range(1, thing.channels + 1))]
    numbers = np.arange(1, thing.channels + 1, dtype=np.int32)
    masks = np.moveaxis(whole > 0, -1, 0)
    return Instances.of(masks, numbers, Legend.of(names), space=thing.space)


def voxel_prompts(prompts: Prompts, image: Image, *, world: bool) -> Prompts:
    """Return prompts in voxels (i, j, k), from voxels or from RAS millimetres.

    Raises:
        InputError: World coordinates are given for a volume without a place in the world.
    """
    if not world:
        return prompts
    matrix = image.space.matrix
    if matrix is None or matrix.shape != (4, 4):
        raise InputError("world coordinates need a volume with a place in the world")
    points = np.asarray(prompts.points, np.float64)
    if points.shape[1] != 3:
        raise InputError("points in the world have three numbers: x,y,z in mm, RAS")
    placed = (points - matrix[:3, 3]) @ np.linalg.inv(matrix[:3, :3]).T
    return Prompts(points=placed, labels=prompts.labels)


def _series_module() -> Any:  # noqa: ANN401 - the module, imported late as it needs an extra
    try:
        return import_module("pixelwise.io.volumes.dicom_series")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pixelwise"):
            raise
        raise MissingExtra.of("dicom", str(error.name), "medical") from error

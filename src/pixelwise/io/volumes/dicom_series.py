"""A DICOM series as one volume: sorted by position, in the scanner's units, or refused."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from pixelwise.core import Image
from pixelwise.errors import InputError
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown
from pixelwise.io.volumes.dicom_files import FAULTS, check_pixels, guarded, hushed, open_dicom
from pixelwise.io.volumes.dicom_places import Stack, stack_of
from pixelwise.io.volumes.geometry import LPS, check_voxels, space_of
from pixelwise.io.volumes.regrid import regridded
from pixelwise.io.volumes.scaling import scaled
from pixelwise.io.volumes.scratch import room

__all__ = ["Series", "alone", "image_of", "read_series", "stacked"]

MUST_AGREE = (
    "Rows",
    "Columns",
    "ImageOrientationPatient",
    "PixelSpacing",
    "BitsAllocated",
    "PixelRepresentation",
)
MOST_FILES = 20_000
INDEX = "DICOMDIR"
MAGIC_AT = 128


@dataclass(frozen=True, eq=False)
class Series:
    """A volume and the slices it came from, in the order of its first axis.

    Args:
        image: (D, H, W, 1), in the scanner's units after rescaling (CT: Hounsfield).
        slices: The data sets, for whoever writes a segmentation that refers to them.
        window: Centre and width that the scanner suggests for viewing; None: none.
    """

    image: Image
    slices: tuple[Dataset, ...] = field(repr=False)
    window: tuple[float, float] | None = None


def read_series(
    folder: Path, rules: Reading | None = None, *, series: str | None = None, regrid: bool = False
) -> Series:
    """Return the series in a folder; files of other formats in it are left alone.

    Args:
        folder: The folder; those below it are not looked at, and links out of it are refused.
        rules: Limits; with a scratch folder the slices come without their pixels.
        series: The SeriesInstanceUID, or its end, where several series share the folder.
        regrid: Resample a series with missing slices, uneven steps or a tilted gantry to an even,
            upright grid, with a note; left out, such a series is refused.

    Raises:
        InputError: There is no series or several; slices are missing, repeated, of different
            sizes, tilted, without position; a file is damaged.
        LimitError: It asks for too much.
    """
    rules = rules or Reading()
    with guarded(str(folder)):
        slices = [_slice(path, rules) for path in _candidates(folder)]
        slices = [dataset for dataset in slices if "PixelData" in dataset or "Rows" in dataset]
        chosen = _chosen(slices, series, folder)
        return stacked(chosen, str(folder), rules, regrid=regrid)


def alone(path: Path, image: Image, rules: Reading) -> Series:
    """Return a volume with the one file that it came from, for whoever refers to it.

    Raises:
        InputError: The file is damaged.
    """
    with guarded(str(path)):
        dataset = open_dicom(path, rules.limits)
        return Series(image, (dataset,), _window(dataset))


def stacked(slices: list[Dataset], name: str, rules: Reading, *, regrid: bool) -> Series:
    """Return single-frame data sets of one series as a volume.

    Raises:
        InputError: They do not make one.
    """
    for keyword in MUST_AGREE:
        kinds = Counter(str(dataset.get(keyword)) for dataset in slices)
        if len(kinds) > 1:
            said = f"{shown(name)}: the slices differ in {keyword} ({len(kinds)} kinds)"
            raise InputError(f"{said}; this is no one volume", reason="mixed")
    for dataset in slices:
        if _elsewhere(dataset) is None:
            check_pixels(dataset, name)
    try:
        stack = stack_of(slices)
    except InputError as error:
        raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
    if stack.fault and not regrid:
        said = f"{shown(name)}: {stack.fault}; give --regrid to resample it to an even grid"
        raise InputError(said, reason="uneven")
    ordered = tuple(slices[place] for place in stack.order)
    check_voxels((len(ordered), ordered[0].Rows, ordered[0].Columns), 4, rules.limits, 3.0)
    image = image_of(_values(ordered, name, rules), stack)
    if stack.fault:
        image = regridded(image, stack)
    return Series(image, ordered, _window(ordered[0]))


def image_of(values: tuple[NDArray[Any], tuple[str, ...]], stack: Stack) -> Image:
    """Return the voxels (D, H, W) with their place; LPS is turned to RAS."""
    voxels, notes = values
    space, wrong = space_of(LPS @ stack.affine)
    return Image(voxels[..., np.newaxis], space, notes + wrong)


def _candidates(folder: Path) -> list[Path]:
    """Return the DICOM files that lie in the folder, by name."""
    inside = folder.resolve()
    found = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.upper() == INDEX:
            continue
        if path.resolve().parent != inside:
            raise InputError(f"{shown(path)}: a link out of the folder; copy the file in")
        with path.open("rb") as file:
            file.seek(MAGIC_AT)
            if file.read(4) == b"DICM":
                found.append(path)
        if len(found) > MOST_FILES:
            raise InputError(f"{shown(folder)}: over {MOST_FILES} slices; take fewer")
    if not found:
        raise InputError(f"{shown(folder)}: there is no DICOM file in the folder", reason="empty")
    return found


def _chosen(slices: list[Dataset], series: str | None, folder: Path) -> list[Dataset]:
    counts = Counter(str(dataset.get("SeriesInstanceUID", "")) for dataset in slices)
    if series is not None:
        counts = Counter({uid: n for uid, n in counts.items() if uid.endswith(series)})
    if len(counts) == 1:
        only = next(iter(counts))
        return [row for row in slices if str(row.get("SeriesInstanceUID", "")) == only]
    rows = counts.most_common(8)
    listed = ", ".join(f"{shown(uid)} ({count})" for uid, count in rows) or "none fits"
    said = f"{shown(folder)}: expected one series, there are {len(counts)}: {listed}"
    raise InputError(f"{said}; choose one with --series", reason="mixed")


def _slice(path: Path, rules: Reading) -> Dataset:
    """Return the data set in a file; with a scratch folder its pixels are fetched when needed."""
    dataset = open_dicom(path, rules.limits)
    if rules.scratch is not None and "PixelData" in dataset:
        check_pixels(dataset, str(path))
        del dataset.PixelData
        dataset.filename = str(path)
    return dataset


def _elsewhere(dataset: Dataset) -> Path | None:
    """Return the file that pixels were left in; None: they are here, or there are none."""
    name = getattr(dataset, "filename", None)
    return Path(name) if name and "PixelData" not in dataset else None


def _values(
    slices: tuple[Dataset, ...], name: str, rules: Reading
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return (D, H, W) in the scanner's units, and notes."""
    stored = _stored(slices, name, rules)
    scales = [
        (_number(row, "RescaleSlope", 1), _number(row, "RescaleIntercept", 0)) for row in slices
    ]
    if len(set(scales)) == 1:
        return scaled(stored, *scales[0], rules.scratch)
    values = room(stored.shape, np.float32, rules.scratch)
    for plane, scale, target in zip(stored, scales, values, strict=True):
        target[...] = scaled(plane, *scale)[0]
    return values, ("scaling: each slice has its own",)


def _stored(slices: tuple[Dataset, ...], name: str, rules: Reading) -> NDArray[Any]:
    """Return (D, H, W) as stored."""
    planes = (_plane(row, number, name, rules) for number, row in enumerate(slices, 1))
    if rules.scratch is None:
        return np.stack(list(planes))
    first = next(planes)
    stored = room((len(slices), *first.shape), first.dtype, rules.scratch)
    for target, plane in zip(stored, chain((first,), planes), strict=True):
        target[...] = plane
    return stored


def _plane(dataset: Dataset, number: int, name: str, rules: Reading) -> NDArray[Any]:
    path = _elsewhere(dataset)
    whole = dataset if path is None else open_dicom(path, rules.limits)
    try:
        with hushed():
            plane = np.asarray(whole.pixel_array)
    except FAULTS as error:
        said = f"{shown(name)}: frame {number} cannot be decoded ({type(error).__name__})"
        raise InputError(said, reason="damaged") from None
    if plane.ndim != 2:
        said = f"{shown(name)}: expected grey slices, frame {number} has shape {plane.shape}"
        raise InputError(said, reason="unsupported")
    return plane


def _number(dataset: Dataset, keyword: str, default: float) -> float:
    value = dataset.get(keyword)
    return float(default if value is None else value)


def _window(dataset: Dataset) -> tuple[float, float] | None:
    pair = [dataset.get("WindowCenter"), dataset.get("WindowWidth")]
    if any(value is None or value == "" for value in pair):
        return None
    centre, width = (float(np.atleast_1d(np.asarray(value, float))[0]) for value in pair)
    return (centre, width) if width > 0 else None

"""Training data from disk: annotations of any format, or pairs of files, with their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend, Result, Semantic
from pixelwise.errors import InputError, PixelwiseError
from pixelwise.io.annotations.converting import faults_of, open_dataset, sniffed
from pixelwise.io.files import read
from pixelwise.io.labels import read_labels
from pixelwise.io.sources import shown
from pixelwise.training.colours import by_colour
from pixelwise.training.examples import Example, numbered

__all__ = ["Fault", "Opened", "open_examples"]

PICTURES = ("images", "imgs", "photos", "JPEGImages", "imagesTr", "train", ".")
"""Names of folders of pictures, looked for in this order."""
LABELS = ("labels", "masks", "annotations", "annots", "labelsTr", "trainannot", "gt")
"""Names of folders of labels."""
VOLUMES = (".nii.gz", ".nii", ".nrrd", ".mha")
RASTERS = (".tif", ".tiff")
SUFFIXES = (*VOLUMES, ".png", ".jpg", ".jpeg", ".bmp", ".webp", *RASTERS)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about the data that should be mended.

    Args:
        name: Of the picture or file.
        what: What is wrong with it.
        stops: Whether no training is possible with it.
    """

    name: str
    what: str
    stops: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was read.

    Args:
        legend: The classes; the background is among them where there is one.
        examples: The annotated pictures.
        faults: What is wrong.
    """

    legend: Legend
    examples: list[Example] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def open_examples(
    place: Path, *, pictures: Path | None = None, labels: Path | None = None, name: str = ""
) -> Opened:
    """Return every annotated picture of a file or folder, and what is wrong with it.

    A picture that cannot be read, or does not fit its labels, is a fault and not an error, so
    that all of them can be told at once.

    Args:
        place: A folder with pictures and labels in folders such as ``images`` and ``labels``, or
            annotations of any format of ANNOTATIONS with the pictures beside them. Masks that are
            of no format have a colour for each class.
        pictures: Folder of the pictures, where it is another.
        labels: Folder of the labels, where it is another.
        name: Format of the annotations; recognised when left out.

    Raises:
        InputError: There is no such place, or nothing in it that can be learnt from.
    """
    if not place.exists():
        raise InputError(f"{shown(place)}: there is no such file or folder", reason="missing")
    truths = labels or _first(place, LABELS) or place
    found = _pictures(place, truths, pictures)
    rows = {_stem(path): path for path in _files(truths, (*VOLUMES, *RASTERS))}
    if rows and not name:
        return _paired(rows, found)
    masks = {_stem(path): path for path in _files(truths, (".png", ".bmp"))}
    kind = name or _kind_of(truths, masks)
    return _annotated(truths, kind, found) if kind else _coloured(masks, found)


def _kind_of(truths: Path, masks: Mapping[str, Path]) -> str:
    """Return the format of annotations; empty where there are only pictures in no format.

    Raises:
        InputError: It is no format, and there are no pictures either.
    """
    try:
        return sniffed(truths)
    except InputError as error:
        if error.reason != "unsupported" or not masks:
            raise
        return ""


def _coloured(masks: Mapping[str, Path], found: Mapping[str, Path]) -> Opened:
    """Return masks in which each class has a colour."""
    legend, values = by_colour(masks)
    made = Opened(legend=legend)
    for stem, numbers in values.items():
        _take(made, stem, found.get(stem), Semantic(numbers, legend))
    return made


def _annotated(truths: Path, kind: str, found: Mapping[str, Path]) -> Opened:
    faults = [
        Fault(fault.file or truths.name, str(fault), stops=not fault.harmless)
        for fault in faults_of(truths, kind)
    ]
    dataset = open_dataset(truths, kind)
    made = Opened(legend=dataset.legend, faults=faults)
    try:
        for sample in dataset:
            path = found.get(sample.stem) or found.get(sample.stem.rpartition("/")[2])
            _take(made, sample.stem, path, sample.result)
    except PixelwiseError as error:
        if not faults:  # else it has been told already
            made.faults.append(Fault(truths.name, str(error)))
    return made


def _paired(rows: Mapping[str, Path], found: Mapping[str, Path]) -> Opened:
    """Return volumes or rasters with a label file of the same name each."""
    values: dict[str, NDArray[np.int32]] = {}
    faults = []
    for stem, path in sorted(rows.items()):
        try:
            values[stem] = _numbers(path)
        except PixelwiseError as error:
            faults.append(Fault(path.name, str(error)))
    highest = max((int(numbers.max(initial=0)) for numbers in values.values()), default=0)
    if highest in (1, 255):
        values = {stem: (numbers > 0).astype(np.int32) for stem, numbers in values.items()}
        legend = Legend.of(["background", "object"])
    else:
        legend = Legend.of(["background", *(str(k) for k in range(1, highest + 1))])
    made = Opened(legend=legend, faults=faults)
    for stem, numbers in values.items():
        _take(made, stem, found.get(stem), Semantic(numbers, legend))
    return made


def _take(made: Opened, name: str, path: Path | None, truth: Result) -> None:
    """Add one picture with its truth, or say why not."""
    if path is None:
        made.faults.append(Fault(name, "it has labels, but no picture of that name was found"))
        return
    try:
        image = read(path)
        numbers, classes = numbered(truth)
    except PixelwiseError as error:
        made.faults.append(Fault(name, str(error)))
        return
    if image.size != numbers.shape:
        what = f"the picture is {_sides(image.size)}, its labels are {_sides(numbers.shape)}"
        made.faults.append(Fault(name, what))
        return
    made.examples.append(Example(name, image, numbers, classes, truth))


def _numbers(path: Path) -> NDArray[np.int32]:
    if path.name.lower().endswith(RASTERS):
        return read_labels(path)
    values = read(path).pixels[..., 0]
    whole = np.rint(values)
    if not np.array_equal(whole, values) or whole.min(initial=0) < 0 or whole.max(initial=0) > 254:
        raise InputError(f"{path.name}: expected class numbers 0 to 254, it has other values")
    return whole.astype(np.int32)


def _pictures(place: Path, truths: Path, given: Path | None) -> dict[str, Path]:
    """Return the pictures by name, with and without their folders."""
    folder = given or _first(place if place.is_dir() else place.parent, PICTURES)
    if folder is None:
        return {}
    paths = [path for path in _files(folder, SUFFIXES) if truths not in path.parents]
    return {_stem(path): path for path in paths}


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.rglob("*")) if path.name.lower().endswith(suffixes)]


def _first(place: Path, names: tuple[str, ...]) -> Path | None:
    return next((place / name for name in names if (place / name).is_dir()), None)


def _stem(path: Path) -> str:
    suffix = next(suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix))
    return path.name[: -len(suffix)]


def _sides(size: tuple[int, ...]) -> str:
    return "x".join(str(side) for side in reversed(size))

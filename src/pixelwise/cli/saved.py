"""What volume, segment, batch and others leave, read as annotations of many pictures are."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from pixelwise.core import Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.coco_results import is_results, read_results
from pixelwise.io.annotations.converting import faults_of, open_dataset, sniffed
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault
from pixelwise.io.annotations.legend_file import numbered
from pixelwise.io.files import read
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown

__all__ = ["SAVED", "faults_in", "kind_of", "open_any"]

VOLUMES, RESULTS = "volumes", "coco-results"
COCO_FILES = {
    "coco-files": ("coco", "*.coco.json"),
    "panoptic-files": ("coco-panoptic", "*.panoptic.json"),
}
"""Kinds of a file a picture -> the format of each file, and how they are called."""
SAVED = {
    VOLUMES: "volumes of labels",
    RESULTS: "COCO results, a list of detections",
    "coco-files": "COCO instances, a file a picture",
    "panoptic-files": "COCO panoptic, a file a picture",
}
"""Kinds that are no row of ANNOTATIONS, with their titles."""
SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha")


def kind_of(place: Path) -> str:
    """Return the name of the format of a file or folder, one of SAVED or ANNOTATIONS.

    Raises:
        InputError: It is missing, or looks like none.
    """
    several = (kind for kind in COCO_FILES if place.is_dir() and len(_files(place, kind)) > 1)
    if kind := next(several, ""):
        return kind
    if is_results(place):
        return RESULTS
    return VOLUMES if place.exists() and _volumes(place) else sniffed(place)


def open_any(place: Path, kind: str, truth: Path) -> Dataset:
    """Return the annotated pictures or volumes; classes of volumes are called by their numbers.

    Args:
        place: File or folder.
        kind: One of SAVED or ANNOTATIONS.
        truth: By whose ids results name pictures and classes.

    Raises:
        InputError: A file cannot be read, or the files do not fit together.
    """
    if kind == VOLUMES:
        return Dataset(legend=numbered(), samples=_labels(place))
    if kind == RESULTS:
        return read_results(place, truth, Reading())
    if kind not in COCO_FILES:
        return open_dataset(place, kind)
    parts = [open_dataset(path, COCO_FILES[kind][0]) for path in _files(place, kind)]
    if any(part.legend != parts[0].legend for part in parts):
        raise InputError(f"{shown(place)}: its files have different classes", reason="classes")
    return Dataset(legend=parts[0].legend, samples=chain.from_iterable(parts))


def faults_in(place: Path, kind: str) -> Iterator[Fault]:
    """Yield the faults of annotations; those of volumes and results are told as they are read."""
    if kind in COCO_FILES:
        for path in _files(place, kind):
            yield from faults_of(path, COCO_FILES[kind][0])
    elif kind not in SAVED:
        yield from faults_of(place, kind)


def _files(place: Path, kind: str) -> list[Path]:
    return sorted(place.glob(COCO_FILES[kind][1]))


def _volumes(place: Path) -> list[Path]:
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    return [path for path in files if path.name.lower().endswith(SUFFIXES)]


def _labels(place: Path) -> Iterator[Sample]:
    legend = numbered()
    for path in _volumes(place):
        image = read(path)
        values = image.pixels[..., 0]
        labels = np.rint(values).astype(np.int32)
        if not np.array_equal(labels, values) or labels.min(initial=0) < 0 or labels.max() > 255:
            raise InputError(
                f"{shown(path)}: expected class numbers 0 to 255, it has other values",
                reason="labels",
            )
        suffix = next(end for end in SUFFIXES if path.name.lower().endswith(end))
        name = f"{path.name[: -len(suffix)]}.volume"
        yield Sample(name=name, result=Semantic(labels, legend, space=image.space))

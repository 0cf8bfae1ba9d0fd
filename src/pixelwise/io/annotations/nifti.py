"""NIfTI volumes of class numbers, taken and given slice by slice."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Legend, LegendClass, Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.clips import one_size
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.legend_file import legend_beside, numbered, write_legend
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.objects import classes_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.files import read, write
from pixelwise.io.format import Reading

__all__ = ["NIFTI", "NiftiMaps"]

ENDINGS = (".nii.gz", ".nii")
UNKEPT = "voxel sizes and the place in the world are not kept"
GREATEST = 65535
"""Class numbers beyond this are not labels."""


class NiftiMaps(Annotations):
    """``*.nii.gz``: the slices of a clip are one volume, any other picture is one of one slice.

    Rows and columns of a slice are the file's j and i. Classes are ``classes.json`` or their
    numbers, of which 0 is the background.
    """

    title: ClassVar[str] = "NIfTI"
    layout: ClassVar[str] = "*.nii.gz of class numbers, classes.json; a slice is a picture"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.NONE, overlaps=False, background=True, void=True
    )

    def sniff(self, place: Path) -> bool:
        """Whether it is such a file, or the folder has some."""
        return next(_files(place), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the slices of one volume after the other."""
        legend = _legend(place, rules)
        slices = (one for row in _files(place) for one in _slices(*row, legend, rules))
        return Dataset(legend=legend, samples=slices, notes=[UNKEPT])

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a volume a clip or picture, and ``classes.json``.

        Raises:
            OutputError: The frames of a clip differ in size.
            MissingExtra: The extra ``medical`` is not installed.
        """
        legend = dataset.legend
        write_legend(place, legend)
        nothing = next((row.id for row in legend if row.name == "background"), legend.void)
        for name, frames in groupby(dataset, key=lambda frame: frame.clip or frame.stem):
            slices = list(frames)
            one_size(name, slices)
            maps = [
                classes_of(frame.objects, legend.void if frame.unclaimed_is_void else nothing)
                for frame in slices
            ]
            path = place / f"{name}{ENDINGS[0]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            voxels = np.stack(maps)
            write(path, Image.volume(voxels.astype(np.min_scalar_type(int(voxels.max())))))

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        legend = _legend(place, rules)
        yield from faults_of_all(_files(place), lambda row: list(_slices(*row, legend, rules)))


def _files(place: Path) -> Iterator[tuple[str, Path]]:
    for ending in ENDINGS:
        yield from maps_in(place, ending)


def _legend(place: Path, rules: Reading) -> Legend:
    told = legend_beside(place if place.is_dir() else place.parent, rules)
    if told is not None:
        return told
    rows = (row for row in numbered() if row.id > 0)
    return Legend((LegendClass(0, "background", (0, 0, 0)), *rows), numbered().void)


def _slices(stem: str, path: Path, legend: Legend, rules: Reading) -> Iterator[Sample]:
    """Yield the slices of a volume; that of a single one has the volume's name."""
    volume = _labels(path, rules)
    try:
        if len(volume) == 1:
            yield Sample(name=f"{stem}.png", result=Semantic(volume[0], legend))
            return
        for place, labels in enumerate(volume):
            name = f"{stem}/{place:05d}.png"
            yield Sample(name=name, result=Semantic(labels, legend), clip=stem, frame=place)
    except InputError as error:
        raise InputError(f"{path}: {error}", reason=error.reason) from error


def _labels(path: Path, rules: Reading) -> NDArray[np.int32]:
    """Return the class numbers (D, H, W).

    Raises:
        InputError: It holds something else.
    """
    pixels = read(path, rules).pixels
    lawful = pixels.shape[-1] == 1 and pixels.size and (pixels == np.rint(pixels)).all()
    if not lawful or pixels.min() < 0 or pixels.max() > GREATEST:
        raise InputError(
            f"{path}: expected class numbers from 0 to {GREATEST}, one a voxel; there are others",
            reason="labels",
        )
    return pixels[..., 0].astype(np.int32)


NIFTI = NiftiMaps()

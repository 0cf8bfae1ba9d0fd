"""Folders of plain label maps: indexed PNG of classes, masks, and 16-bit PNG of objects."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Legend, Panoptic, Result, Segments, Semantic
from pixelwise.errors import InputError, PixelwiseError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.legend_file import (
    NAME,
    legend_beside,
    legend_of_palette,
    numbered,
    write_legend,
)
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import (
    maps_in,
    read_labels,
    write_grey,
    write_indexed,
)
from pixelwise.io.annotations.objects import OBJECT, classes_of, objects_of, paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.format import Reading

__all__ = ["INDEXED", "MASKS", "OBJECTS", "ClassMaps", "MaskMaps", "ObjectMaps"]


class _Maps(Annotations):
    """A folder of one PNG a picture."""

    def first(self, place: Path) -> NDArray[np.int32] | None:
        """Return the first map of the folder, None where it is none."""
        path = next((path for _, path in maps_in(place)), None)
        try:
            return None if path is None else read_labels(path)
        except PixelwiseError:
            return None

    def samples(
        self, place: Path, rules: Reading, made: Callable[[NDArray[np.int32]], Result]
    ) -> Iterator[Sample]:
        """Yield the pictures of the folder."""
        for stem, path in maps_in(place):
            yield self.sample(stem, path, rules, made)

    def sample(
        self, stem: str, path: Path, rules: Reading, made: Callable[[NDArray[np.int32]], Result]
    ) -> Sample:
        """Return one picture; a wrong label is told with the file."""
        labels = read_labels(path, rules)
        try:
            return Sample(name=f"{stem}.png", result=made(labels))
        except InputError as error:
            raise InputError(f"{path}: {error}", reason=error.reason) from error

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        made = self.maker(place, rules)
        yield from faults_of_all(maps_in(place), lambda row: self.sample(*row, rules, made))

    def maker(self, place: Path, rules: Reading) -> Callable[[NDArray[np.int32]], Result]:
        """Return what makes a result of a map."""
        raise NotImplementedError


class ClassMaps(_Maps):
    """Class ids as an indexed PNG in the legend's colours; 16-bit grey over 255 classes."""

    title: ClassVar[str] = "indexed PNG"
    layout: ClassVar[str] = "*.png of class ids, classes.json"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.NONE, overlaps=False, background=True, void=True
    )

    def sniff(self, place: Path) -> bool:
        """Whether the folder has PNG of labels below 256."""
        found = self.first(place)
        return found is not None and int(found.max(initial=0)) < 256

    def maker(self, place: Path, rules: Reading) -> Callable[[NDArray[np.int32]], Result]:
        """Return what makes classes of a map."""
        legend = _legend(place, rules)
        return lambda labels: Semantic(labels, legend)

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return classes; without ``classes.json`` official ones are known by their colours.

        All others are called by their numbers.
        """
        legend = _legend(place, rules)
        return Dataset(
            legend=legend,
            samples=self.samples(place, rules, lambda labels: Semantic(labels, legend)),
        )

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a map a picture, and ``classes.json``."""
        legend = dataset.legend
        write_legend(place, legend)
        nothing = next((row.id for row in legend if row.name == "background"), legend.void)
        deep = max(legend.void, *legend.ids.tolist(), 0) > 255
        for sample in dataset:
            empty = legend.void if sample.unclaimed_is_void else nothing
            labels = classes_of(sample.objects, empty)
            path = place / f"{sample.stem}.png"
            if deep:
                write_grey(path, labels, deep=True)
            else:
                write_indexed(path, labels, legend.palette())


class MaskMaps(_Maps):
    """Masks: 255 where the thing is, 0 elsewhere."""

    title: ClassVar[str] = "masks"
    layout: ClassVar[str] = "*.png, 0 and 255"
    capacity: ClassVar[Capacity] = Capacity(identity=Identity.NONE, overlaps=False, classes=False)

    def sniff(self, place: Path) -> bool:
        """Whether the first PNG holds 0 and 255 only."""
        if (place / NAME).is_file():
            return False
        found = self.first(place)
        return found is not None and set(np.unique(found).tolist()) in ({0, 255}, {255})

    def maker(self, place: Path, rules: Reading) -> Callable[[NDArray[np.int32]], Result]:  # noqa: ARG002 - the port
        """Return what makes a foreground of a map."""
        return _foreground

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return foregrounds."""
        return Dataset(legend=OBJECT, samples=self.samples(place, rules, _foreground))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a mask a picture."""
        for sample in dataset:
            values = np.full(len(sample.objects), 255, np.int32)
            write_grey(place / f"{sample.stem}.png", paint(sample.objects, values, 0))


class ObjectMaps(_Maps):
    """Objects without classes: 0 background, 1.. objects, 16 bits."""

    title: ClassVar[str] = "16-bit PNG"
    layout: ClassVar[str] = "*.png of object numbers"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, classes=False, most=65535)

    def sniff(self, place: Path) -> bool:
        """Whether the first PNG has 16 bits."""
        path = next((path for _, path in maps_in(place)), None)
        if path is None:
            return False
        with path.open("rb") as file:
            return file.read(26)[24:26] == b"\x10\x00"

    def maker(self, place: Path, rules: Reading) -> Callable[[NDArray[np.int32]], Result]:  # noqa: ARG002 - the port
        """Return what makes objects of a map."""
        return _objects

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return instances of one class."""
        return Dataset(legend=OBJECT, samples=self.samples(place, rules, _objects))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a map a picture; ids stay where they fit into 16 bits."""
        for sample in dataset:
            ids = sample.objects.segments.id
            if ids.size and ids.max() > 65535:
                ids = np.arange(1, len(ids) + 1, dtype=np.int32)
            labels = paint(sample.objects, ids, 0)
            write_grey(place / f"{sample.stem}.png", labels, deep=True)


def _legend(place: Path, rules: Reading) -> Legend:
    first = next((path for _, path in maps_in(place)), None)
    by_colour = None if first is None else legend_of_palette(first)
    return legend_beside(place, rules) or by_colour or numbered()


def _foreground(labels: NDArray[np.int32]) -> Foreground:
    if not np.isin(labels, (0, 1, 255)).all():
        raise InputError("expected a mask of 0 and 255, it has other values")
    return Foreground(labels > 0)


def _objects(labels: NDArray[np.int32]) -> Result:
    ids = np.unique(labels[labels > 0])
    return objects_of(Panoptic(labels, Segments.of(np.ones(len(ids)), id=ids), OBJECT))


INDEXED, MASKS, OBJECTS = ClassMaps(), MaskMaps(), ObjectMaps()

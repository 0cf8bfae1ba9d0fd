"""Pascal VOC: a class PNG and an object PNG a picture, XML beside them, a label map."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend, LegendClass, Panoptic, Segment, Segments, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError, OutputError
from pixelwise.io.annotations.classes import is_background
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in, read_labels, write_indexed
from pixelwise.io.annotations.objects import paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.xml_text import escaped, lawful_xml, text_in
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["VOC", "Voc"]

VOID = 255
CLASSES, OBJECTS, XML = "SegmentationClass", "SegmentationObject", "Annotations"
LABELS = "labelmap.txt"


class Voc(Annotations):
    """``SegmentationClass``, ``SegmentationObject``, ``Annotations``; ``labelmap.txt`` as CVAT."""

    title: ClassVar[str] = "Pascal VOC"
    layout: ClassVar[str] = "SegmentationClass/*.png SegmentationObject/*.png Annotations/*.xml"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, background=True, void=True, most=254)

    def sniff(self, place: Path) -> bool:
        """Whether there is a folder of class maps."""
        return (place / CLASSES).is_dir()

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures; panoptic segments where there are object maps, else classes.

        Raises:
            InputError: There are no class maps.
        """
        if not (place / CLASSES).is_dir():
            raise InputError(f"{place}: expected a folder {CLASSES}, there is none")
        legend = _read_legend(place, rules)
        return Dataset(legend=legend, samples=_samples(place, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the maps in the colours of VOC, and the XML.

        Raises:
            OutputError: There are over 254 classes.
        """
        index = _indices(dataset.legend)
        place.mkdir(parents=True, exist_ok=True)
        write_bytes(place / LABELS, _label_map(dataset.legend, index).encode())
        for sample in dataset:
            _write_sample(place, sample, index)

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        legend = _read_legend(place, rules)
        yield from faults_of_all(
            maps_in(place / CLASSES), lambda row: _sample(place, *row, legend, rules)
        )


def _indices(legend: Legend) -> dict[int, int]:
    """Return class id -> number in the class map; the background is 0."""
    if len(legend) > 254:
        raise OutputError(f"VOC counts to 254 classes, the legend has {len(legend)}")
    plain = [row for row in legend if not is_background(row)]
    nothing = {row.id: 0 for row in legend if is_background(row)}
    return nothing | {row.id: number for number, row in enumerate(plain, start=1)}


def _label_map(legend: Legend, index: dict[int, int]) -> str:
    lines = ["# label:color_rgb:parts:actions"]
    if 0 not in index.values():
        lines.append("background:0,0,0::")
    for row in sorted(legend, key=lambda row: index[row.id]):
        red, green, blue = row.colour
        lines.append(f"{row.name.replace(':', ' ')}:{red},{green},{blue}::")
    return "\n".join(lines) + "\n"


def _write_sample(place: Path, sample: Sample, index: dict[int, int]) -> None:
    objects = sample.objects
    numbers = np.array([index[kind] for kind in objects.segments.class_id.tolist()], np.int32)
    empty = VOID if sample.unclaimed_is_void else 0
    real = numbers > 0
    rows = np.where(real, np.cumsum(real), 0).astype(np.int32)
    palette = voc_colours()
    write_indexed(place / CLASSES / f"{sample.stem}.png", paint(objects, numbers, empty), palette)
    write_indexed(place / OBJECTS / f"{sample.stem}.png", paint(objects, rows, empty), palette)
    path = place / XML / f"{sample.stem}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _xml(sample, rows).encode())


def _xml(sample: Sample, rows: NDArray[np.int32]) -> str:
    objects, (height, width) = sample.objects, sample.size
    entries = [
        _entry(objects.legend.name(row.class_id), row)
        for row, number in zip(objects.segments, rows, strict=True)
        if number
    ]
    folder, _, name = sample.name.rpartition("/")
    return (
        f"<annotation>\n<folder>{escaped(folder)}</folder><filename>{escaped(name)}</filename>\n"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>\n"
        f"<segmented>1</segmented>\n{''.join(entries)}</annotation>\n"
    )


def _entry(name: str, row: Segment) -> str:
    x0, y0, x1, y1 = (int(edge) for edge in row.box)
    return (
        f"<object><name>{escaped(name)}</name><truncated>0</truncated><difficult>0</difficult>"
        f"<bndbox><xmin>{x0 + 1}</xmin><ymin>{y0 + 1}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax>"
        "</bndbox></object>\n"
    )


def voc_colours() -> NDArray[np.uint8]:
    """Return VOC's 256 colours, (256, 3): the bits of the number shared among the channels.

    >>> voc_colours()[[1, 15, 255]].tolist()
    [[128, 0, 0], [192, 128, 128], [224, 224, 192]]
    """
    numbers = np.arange(256)
    table = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            table[:, channel] |= ((numbers >> (3 * bit + channel) & 1) << (7 - bit)).astype(
                np.uint8
            )
    return table


def _read_legend(place: Path, rules: Reading) -> Legend:
    path = place / LABELS
    if not path.is_file():
        return Legend.official("voc-21")
    lines = read_bytes(path, rules.limits.text_bytes).decode("utf-8", "replace").splitlines()
    rows: list[LegendClass] = []
    for line in (line for line in lines if line.strip() and not line.startswith("#")):
        name, _, rest = line.partition(":")
        shade = [part.strip() for part in rest.partition(":")[0].split(",")]
        known = len(shade) == 3 and all(part.isdecimal() for part in shade)
        number = len(rows)
        colour = tuple(int(part) & 255 for part in shade) if known else spread_colour(number)
        rows.append(LegendClass(number, name.strip(), colour, name.strip() != "background"))  # type: ignore[arg-type]
    official = Legend.official("voc-21")
    same = [row.name for row in rows] == [row.name for row in official]
    return official if same else Legend(tuple(rows), VOID)


def _samples(place: Path, legend: Legend, rules: Reading) -> Iterator[Sample]:
    for stem, path in maps_in(place / CLASSES):
        yield _sample(place, stem, path, legend, rules)


def _sample(place: Path, stem: str, path: Path, legend: Legend, rules: Reading) -> Sample:
    classes = read_labels(path, rules)
    unknown = np.setdiff1d(np.unique(classes), [*legend.ids.tolist(), VOID])
    if unknown.size:
        raise InputError(f"{path}: the label {int(unknown[0])} is no class")
    name = _picture_name(place / XML / f"{stem}.xml", stem, rules)
    objects = place / OBJECTS / f"{stem}.png"
    if not objects.is_file():
        return Sample(name=name, result=Semantic(classes, legend))
    numbers = read_labels(objects, rules)
    if numbers.shape != classes.shape:
        raise InputError(f"{objects}: {numbers.shape} is not the size {classes.shape} of {path}")
    return Sample(name=name, result=_panoptic(classes, numbers, legend))


def _panoptic(classes: NDArray[np.int32], numbers: NDArray[np.int32], legend: Legend) -> Panoptic:
    """Return segments: the objects, and what no object has as one segment a class."""
    stuff = (numbers == 0) | (numbers == VOID)
    labels = np.where(stuff, np.where(classes == VOID, 0, classes + 256), numbers)
    ids, first, areas = np.unique(labels, return_index=True, return_counts=True)
    kept = ids > 0
    kinds = classes.reshape(-1)[first[kept]]
    kinds = np.where(kinds == VOID, 0, kinds)
    return Panoptic(labels, Segments.of(kinds, id=ids[kept], area=areas[kept]), legend)


def _picture_name(path: Path, stem: str, rules: Reading) -> str:
    if not path.is_file():
        return f"{stem}.jpg"
    root = lawful_xml(read_bytes(path, rules.limits.text_bytes), str(path))
    suffix = Path(text_in(root, "filename", f"{stem}.jpg")).suffix
    return stem + suffix


VOC = Voc()

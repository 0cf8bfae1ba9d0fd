"""CVAT 1.1: one XML; masks as run lengths by row, polygons, boxes; also as a ZIP.

Tracks of a video are read, too; written are pictures.
"""

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.cvat_shapes import frames_of, thing_of
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.legend_file import named
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.safe_zip import checked_zip, member_bytes
from pixelwise.io.annotations.xml_text import escaped, lawful_xml, number_in
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["CVAT", "CVAT_ZIP", "Cvat", "CvatZip"]

NAME = "annotations.xml"
HEAD = 1 << 14


class Cvat(Annotations):
    """``annotations.xml``."""

    title: ClassVar[str] = "CVAT XML"
    layout: ClassVar[str] = "annotations.xml"
    capacity: ClassVar[Capacity] = Capacity(outlines=True)

    def sniff(self, place: Path) -> bool:
        """Whether there is an XML of CVAT."""
        path = _path(place)
        if path.suffix.lower() != ".xml" or not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(HEAD)
        return b"<annotations" in head

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures of the XML."""
        root = _root(self.text(place, rules), str(place))
        legend = _legend(root)
        return Dataset(legend=legend, samples=_samples(root, legend, rules, str(place)))

    def text(self, place: Path, rules: Reading) -> bytes:
        """Return the XML."""
        return read_bytes(_path(place), rules.limits.file_bytes)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the XML picture by picture; a folder gets ``annotations.xml``."""
        path = _path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part, part.open("x", encoding="utf-8") as file:
            file.writelines(_lines(dataset))

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, picture by picture."""
        root = _root(self.text(place, rules), str(place))
        legend = _legend(root)
        for number, picture in enumerate(root.iter("image")):
            read = partial(_sample, picture, legend, rules, f"image[{number}]")
            yield from gathered(str(place), read)
        yield from gathered(str(place), partial(frames_of, root, legend, rules, str(place)))


class CvatZip(Cvat):
    """The ZIP that CVAT exports: ``annotations.xml`` and ``images/``."""

    title: ClassVar[str] = "CVAT images ZIP"
    layout: ClassVar[str] = "one .zip with annotations.xml"

    def sniff(self, place: Path) -> bool:
        """Whether it is a ZIP with the XML."""
        if place.suffix.lower() != ".zip" or not zipfile.is_zipfile(place):
            return False
        with zipfile.ZipFile(place) as archive:
            return NAME in archive.namelist()

    def text(self, place: Path, rules: Reading) -> bytes:
        """Return the XML in the archive, whose every name is checked first.

        Raises:
            InputError: There is no XML in the archive, or it cannot be read.
        """
        rows = checked_zip(place)
        row = next((row for row in rows if row.filename == NAME), None)
        if row is None:
            raise InputError(f"{place}: expected {NAME} in the archive, there is none")
        return member_bytes(place, row, rules)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the archive."""
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            replacing(place) as part,
            zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED) as archive,
            archive.open(NAME, "w", force_zip64=True) as file,
        ):
            for line in _lines(dataset):
                file.write(line.encode())


def _path(place: Path) -> Path:
    return place if place.suffix.lower() in (".xml", ".zip") else place / NAME


def _lines(dataset: Dataset) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n'
    labels = "".join(
        f"<label><name>{escaped(row.name)}</name><color>#{_hex(row.colour)}</color></label>\n"
        for row in dataset.legend
    )
    yield f"<meta><task><labels>\n{labels}</labels></task></meta>\n"
    for number, sample in enumerate(dataset):
        height, width = sample.size
        name = escaped(sample.name)
        yield f'<image id="{number}" name="{name}" width="{width}" height="{height}">\n'
        for row in range(len(sample.objects)):
            yield from _shapes(sample, row)
        yield "</image>\n"
    yield "</annotations>\n"


def _hex(colour: tuple[int, int, int]) -> str:
    return "".join(f"{part:02x}" for part in colour)


def _shapes(sample: Sample, row: int) -> Iterator[str]:
    """Yield polygons for what was drawn, a mask for what was not."""
    objects = sample.objects
    label = escaped(objects.legend.name(int(objects.segments.class_id[row])))
    drawn = sample.outlines[row] if sample.outlines else None
    if drawn is None:
        crop = objects.crops[row]
        x0, y0, x1, y1 = crop.box
        runs = ", ".join(map(str, _runs(crop.mask).tolist()))
        yield (
            f'<mask label="{label}" source="manual" occluded="0" rle="{runs}" left="{x0}" '
            f'top="{y0}" width="{x1 - x0}" height="{y1 - y0}" z_order="0"></mask>\n'
        )
        return
    group = f' group_id="{row + 1}"' if len(drawn.pieces) > 1 else ""
    for piece in drawn.pieces:
        points = ";".join(f"{x!r},{y!r}" for x, y in piece[0].tolist())
        yield (
            f'<polygon label="{label}" source="manual" occluded="0" points="{points}" '
            f'z_order="0"{group}></polygon>\n'
        )


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return run lengths row by row, zeros first."""
    flat = np.concatenate([[False], mask.reshape(-1)])
    turns = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], turns, [mask.size]]))


def _samples(root: Element, legend: Legend, rules: Reading, name: str) -> Iterator[Sample]:
    """Yield the pictures, and the frames of a video where there are tracks."""
    for number, picture in enumerate(root.iter("image")):
        yield _sample(picture, legend, rules, f"{name}: image[{number}]")
    yield from frames_of(root, legend, rules, name)


def _root(data: bytes, name: str) -> Element:
    root = lawful_xml(data, name)
    if root.tag != "annotations":
        raise InputError(f"{name}: expected <annotations>, not <{root.tag}>")
    return root


def _legend(root: Element) -> Legend:
    told = [(row.findtext("name") or "").strip() for row in root.iter("label")]
    used = [shape.get("label", "") for picture in root.iter("image") for shape in picture]
    tracks = [track.get("label", "") for track in root.iter("track")]
    return named([name for name in dict.fromkeys(told + used + tracks) if name])


def _sample(
    picture: Element, legend: Legend, rules: Reading, where: str, each: Each = strictly
) -> Sample:
    size = (int(number_in(picture, "height", where)), int(number_in(picture, "width", where)))
    if min(size) < 1:
        raise InputError(f"{where}: a picture of {size[1]} x {size[0]} is not lawful")
    rules.limits.check(size[1], size[0], 1)

    def read(row: tuple[int, Element]) -> tuple[object, Drawn | None]:
        """Return a shape, and what is equal for the pieces of one object."""
        number, shape = row
        label, group = shape.get("label", ""), shape.get("group_id", "0")
        thing = thing_of(shape, legend, label, size, f"{where}.{shape.tag}[{number}]")
        return number if group in ("", "0") else (group, label), thing

    groups: dict[object, list[Drawn]] = {}
    for key, thing in each(enumerate(picture), read):
        if thing is not None:
            groups.setdefault(key, []).append(thing)
    parts = [Drawn.of_pieces(group) for group in groups.values()]
    result, outlines = collected(parts, size, legend)
    return Sample(name=picture.get("name", ""), result=result, outlines=outlines)


CVAT, CVAT_ZIP = Cvat(), CvatZip()

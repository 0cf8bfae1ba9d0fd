"""YOLO segmentation: a text file a picture, one polygon a line, fractions of the picture."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.legend_file import named, numbered
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.outline import Outline, Ring
from pixelwise.io.annotations.pictures import Pictures
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes
from pixelwise.ops.polygons import bridged

__all__ = ["YOLO", "Yolo"]

SETUP = "data.yaml"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SNAP = 1e-4
"""Pixels: nearer to a corner of a pixel than this is on it; the file keeps ten digits."""
FURTHEST = 2.0
"""Fractions of the picture beyond this are damage."""


class Yolo(Annotations):
    """``labels/*.txt`` and ``data.yaml``; sizes from the pictures or ``pictures.csv``."""

    title: ClassVar[str] = "YOLO segmentation"
    layout: ClassVar[str] = "data.yaml labels/*.txt (images/ or pictures.csv for the sizes)"
    capacity: ClassVar[Capacity] = Capacity(outlines=True, outline_holes=True, bridges=True)

    def sniff(self, place: Path) -> bool:
        """Whether there are ``labels`` and a table of names."""
        if not (place / "labels").is_dir():
            return False
        named_so = (SETUP, "dataset.yaml", "classes.txt")
        return any((place / name).is_file() for name in named_so) or _texts(place) != []

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures."""
        legend = _legend(place, rules)
        return Dataset(legend=legend, samples=_samples(place, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a text a picture, ``data.yaml``, and the sizes into ``pictures.csv``."""
        index = {row.id: number for number, row in enumerate(dataset.legend)}
        pictures = []
        for sample in dataset:
            path = place / "labels" / f"{sample.stem}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [_line(sample, row, index) for row in range(len(sample.objects))]
            write_bytes(path, "".join(lines).encode())
            pictures.append(Pictures.row(sample))
        Pictures.write(place, pictures)
        names = "".join(f"  {index[row.id]}: {_quoted(row.name)}\n" for row in dataset.legend)
        write_bytes(place / SETUP, f"path: .\ntrain: images\nval: images\nnames:\n{names}".encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, line by line."""
        legend = _legend(place, rules)
        pictures = Pictures(place, rules)
        for stem, path in _texts(place):
            yield from gathered(str(path), partial(_sample, stem, path, (pictures, legend), rules))


def _line(sample: Sample, row: int, index: dict[int, int]) -> str:
    height, width = sample.size
    rings = [ring for piece in sample.outline(row).pieces for ring in piece]
    points = bridged(rings) / (width, height)
    numbers = " ".join(f"{value:.10g}" for value in points.reshape(-1).tolist())
    return f"{index[int(sample.objects.segments.class_id[row])]} {numbers}\n"


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''").replace("\n", " ") + "'"


def _texts(place: Path) -> list[tuple[str, Path]]:
    return list(maps_in(place / "labels", ".txt"))


def _lines(path: Path, rules: Reading) -> list[str]:
    return read_bytes(path, rules.limits.file_bytes).decode("utf-8", "replace").splitlines()


def _legend(place: Path, rules: Reading) -> Legend:
    for name in (SETUP, "dataset.yaml", "data.yml"):
        if (place / name).is_file():
            return named(_names(_lines(place / name, rules), place / name))
    if (place / "classes.txt").is_file():
        return named(
            [line.strip() for line in _lines(place / "classes.txt", rules) if line.strip()]
        )
    return numbered()


def _names(lines: list[str], path: Path) -> list[str]:
    """Return the names of a YAML file: ``[a, b]``, ``- a`` lines or ``0: a`` lines."""
    start = next((place for place, line in enumerate(lines) if line.startswith("names:")), None)
    if start is None:
        raise InputError(f"{path}: expected names: in it, there is none")
    inline = lines[start].partition(":")[2].strip()
    if inline:
        return [_plain(part) for part in inline.strip("[]").split(",") if part.strip()]
    found: dict[int, str] = {}
    for line in lines[start + 1 :]:
        row = re.fullmatch(r"\s*(?:-|(\d+)\s*:)\s+(.*?)\s*", line)
        if row is None:
            break
        found[int(row[1]) if row[1] else len(found)] = _plain(row[2])
    if sorted(found) != list(range(len(found))):
        raise InputError(f"{path}: names must be numbered from 0 without gaps")
    return [found[number] for number in sorted(found)]


def _plain(text: str) -> str:
    text = text.strip()
    if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1].replace(text[0] * 2, text[0])
    return text.partition(" #")[0].strip()


def _samples(place: Path, legend: Legend, rules: Reading) -> Iterator[Sample]:
    pictures = Pictures(place, rules)
    for stem, path in _texts(place):
        yield _sample(stem, path, (pictures, legend), rules)


def _sample(
    stem: str,
    path: Path,
    known: tuple[Pictures, Legend],
    rules: Reading,
    each: Each = strictly,
) -> Sample:
    pictures, legend = known
    name, size = pictures.of(stem)

    def read(row: tuple[int, str]) -> Drawn:
        number, line = row
        try:
            kind, ring = _polygon(line, len(legend), size)
            outline = Outline(((ring,),))
            crop = outline.crop(size)
        except InputError as error:
            raise InputError(f"{path}: line {number}: {error}") from error
        return Drawn(class_id=int(legend.ids[kind]), crop=crop, outline=outline)

    lines = enumerate(_lines(path, rules), start=1)
    things = each((row for row in lines if row[1].strip()), read)
    result, outlines = collected(things, size, legend)
    return Sample(name=name, result=result, outlines=outlines)


def _polygon(line: str, classes: int, size: tuple[int, int]) -> tuple[int, Ring]:
    """Return the class and the points in pixels; four numbers are a box."""
    first, *rest = line.split()
    if not first.isdecimal() or int(first[:9]) >= classes:
        raise InputError(f"expected a class from 0 to {classes - 1}, not {first[:20]!r}")
    bad = next((text for text in rest if not NUMBER.fullmatch(text)), None)
    if bad is not None:
        raise InputError(f"expected numbers, not {bad[:20]!r}")
    values = np.array([float(text) for text in rest], np.float64)
    if len(values) != 4 and (len(values) < 6 or len(values) % 2):
        raise InputError(f"expected x y pairs of three points or more, not {len(values)} numbers")
    if not (np.abs(values) <= FURTHEST).all():
        raise InputError(f"expected fractions of the picture, not {np.abs(values).max():g}")
    if len(values) == 4:
        x, y, width, height = values
        left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        values = np.array([left, top, right, top, right, bottom, left, bottom])
    points = values.reshape(-1, 2) * (size[1], size[0])
    near = np.rint(points)
    return int(first), np.where(np.abs(points - near) < SNAP, near, points)


YOLO = Yolo()

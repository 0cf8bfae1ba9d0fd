"""ADE20K: scene parsing maps of 150 classes, and the full annotation with objects."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend, LegendClass, Panoptic, Segments, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import (
    colours_of,
    maps_in,
    read_labels,
    write_colours,
    write_indexed,
)
from pixelwise.io.annotations.objects import classes_of, paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["ADE20K", "ADE20K_FULL", "AdeFull", "AdeScenes"]

SCENES = Legend.official("ade20k-150")
TABLE = "objectInfo150.csv"
SEG = "_seg.png"
VOID = 65535


class AdeScenes(Annotations):
    """The benchmark's maps: 0 is other, 1 to 150 the classes."""

    title: ClassVar[str] = "ADE20K scene parsing"
    layout: ClassVar[str] = "annotations/*.png (0 other, 1..150), objectInfo150.csv"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.NONE, legend=SCENES, overlaps=False, void=True
    )

    def sniff(self, place: Path) -> bool:
        """Whether the table of 150 classes stands beside ``annotations``."""
        return (place / "annotations").is_dir() and (place / TABLE).is_file()

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the class maps."""
        folder = place / "annotations" if (place / "annotations").is_dir() else place
        samples = (_scene(stem, path, rules) for stem, path in maps_in(folder))
        return Dataset(legend=SCENES, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the maps and the table of classes."""
        place.mkdir(parents=True, exist_ok=True)
        rows = "".join(f'{row.id + 1},"{row.name}"\n' for row in SCENES)
        write_bytes(place / TABLE, f"Idx,Name\n{rows}".encode())
        palette = np.concatenate([np.zeros((1, 3), np.uint8), SCENES.palette()[:150]])
        for sample in dataset:
            labels = classes_of(sample.objects, -1) + 1
            write_indexed(place / "annotations" / f"{sample.stem}.png", labels, palette)


def _scene(stem: str, path: Path, rules: Reading) -> Sample:
    labels = read_labels(path, rules)
    if labels.size and labels.max() > len(SCENES):
        raise InputError(f"{path}: {int(labels.max())} is no class of the 150")
    return Sample(
        name=f"{stem}.jpg", result=Semantic(np.where(labels == 0, SCENES.void, labels - 1), SCENES)
    )


class AdeFull(Annotations):
    """``<stem>_seg.png``: class = R // 10 * 256 + G, object = B; names in ``<stem>.json``."""

    title: ClassVar[str] = "ADE20K full"
    layout: ClassVar[str] = "<stem>_seg.png <stem>.json"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, void=True, most=255)

    def sniff(self, place: Path) -> bool:
        """Whether a file ends in ``_seg.png`` and has its JSON."""
        if not place.is_dir():
            return False
        return any(_json(path).is_file() for path in place.rglob(f"*{SEG}"))

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the objects of the first level as panoptic segments; parts are left out."""
        files = list(maps_in(place, SEG))
        names: dict[int, str] = {}
        for _, path in files:
            names |= _names(path, rules)
        rows = (LegendClass(n, name, spread_colour(n), is_thing=True) for n, name in names.items())
        legend = Legend(tuple(rows), VOID)
        samples = (_full(stem, path, legend, rules) for stem, path in files)
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the colours and the JSON with the names."""
        numbers = {row.id: number for number, row in enumerate(dataset.legend, start=1)}
        for sample in dataset:
            _write_full(place, sample, numbers)

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, picture by picture."""

        def look(row: tuple[str, Path]) -> None:
            names = _names(row[1], rules)
            rows = (LegendClass(n, name, (0, 0, 0)) for n, name in names.items())
            _full(*row, Legend(tuple(rows), VOID), rules)

        yield from faults_of_all(maps_in(place, SEG), look)


def _write_full(place: Path, sample: Sample, numbers: dict[int, int]) -> None:
    objects = sample.objects
    kinds = np.array([numbers[kind] for kind in objects.segments.class_id.tolist()], np.int32)
    classes = paint(objects, kinds, 0)
    rows = paint(objects, np.arange(1, len(objects) + 1, dtype=np.int32), 0)
    colours = np.stack([classes // 256 * 10, classes % 256, rows], axis=-1).astype(np.uint8)
    write_colours(place / f"{sample.stem}{SEG}", colours)
    table = [
        {"id": row, "name": objects.legend.name(kind), "name_ndx": numbers[kind]}
        for row, kind in enumerate(objects.segments.class_id.tolist(), start=1)
    ]
    entry: dict[str, Any] = {
        "filename": sample.name.rpartition("/")[2],
        "imsize": [*sample.size, 3],
        "object": table,
    }
    write_bytes(place / f"{sample.stem}.json", json.dumps({"annotation": entry}).encode())


def _json(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SEG) + ".json")


def _annotation(path: Path, rules: Reading) -> Reader:
    data = read_bytes(_json(path), rules.limits.file_bytes)
    return Reader(lawful_json(data, str(_json(path))), f"{_json(path)}: $").object("annotation")


def _names(path: Path, rules: Reading) -> dict[int, str]:
    """Return class number -> name; names of two numbers carry theirs."""
    rows = list(_annotation(path, rules).rows("object"))
    return {row.whole("name_ndx", 1): row.text("name") for row in rows if row.has("name_ndx")}


def _full(stem: str, path: Path, legend: Legend, rules: Reading) -> Sample:
    colours = colours_of(path, rules).astype(np.int32)
    classes = colours[..., 0] // 10 * 256 + colours[..., 1]
    labels: NDArray[np.int32] = np.where(classes > 0, classes * 256 + colours[..., 2], 0)
    ids, areas = np.unique(labels, return_counts=True)
    ids, areas = ids[ids > 0], areas[ids > 0]
    unknown = np.setdiff1d(ids // 256, legend.ids)
    if unknown.size:
        raise InputError(f"{path}: no object of the JSON has the class {int(unknown[0])}")
    name = _annotation(path, rules).text("filename", f"{stem}.jpg")
    suffix = Path(name).suffix or ".jpg"
    table = Segments.of(ids // 256, id=ids, area=areas)
    return Sample(name=stem + suffix, result=Panoptic(labels, table, legend))


ADE20K, ADE20K_FULL = AdeScenes(), AdeFull()

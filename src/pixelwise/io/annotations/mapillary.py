"""Mapillary Vistas: 16-bit PNG of class x 256 + number, 8-bit class maps, ``config.json``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from pixelwise.core import Legend, LegendClass, Panoptic, Segments
from pixelwise.errors import InputError, OutputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import maps_in, read_labels, write_grey, write_indexed
from pixelwise.io.annotations.objects import classes_of, paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["MAPILLARY", "Mapillary"]

CONFIG = "config.json"
UNLABELED = "void--unlabeled"
MOST = 255
VOID = 65535


class Mapillary(Annotations):
    """Vistas 1.2: ``instances``, ``labels`` and ``config.json``."""

    title: ClassVar[str] = "Mapillary Vistas"
    layout: ClassVar[str] = "config.json instances/*.png labels/*.png"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.THINGS, overlaps=False, void=True, most_of_class=MOST
    )

    def sniff(self, place: Path) -> bool:
        """Whether ``config.json`` stands beside ``instances``."""
        return (place / CONFIG).is_file() and (place / "instances").is_dir()

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return panoptic segments."""
        legend, nothing = _legend(place / CONFIG, rules)
        samples = (
            _sample(stem, path, legend, nothing, rules)
            for stem, path in maps_in(place / "instances")
        )
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write both maps of each picture.

        Raises:
            OutputError: There are over 255 classes.
        """
        legend = dataset.legend
        if len(legend) > MOST:
            raise OutputError(f"Mapillary counts to {MOST} classes, the legend has {len(legend)}")
        index = {row.id: number for number, row in enumerate(legend)}
        place.mkdir(parents=True, exist_ok=True)
        write_bytes(place / CONFIG, json.dumps(_config(legend), indent=1).encode())
        for sample in dataset:
            _write(place, sample, index)

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        legend, nothing = _legend(place / CONFIG, rules)
        yield from faults_of_all(
            maps_in(place / "instances"), lambda row: _sample(*row, legend, nothing, rules)
        )


def _config(legend: Legend) -> dict[str, object]:
    rows = [
        {
            "name": row.name,
            "readable": row.name,
            "instances": row.is_thing,
            "evaluate": True,
            "color": list(row.colour),
        }
        for row in legend
    ]
    nothing = {
        "name": UNLABELED,
        "readable": "Unlabeled",
        "instances": False,
        "evaluate": False,
        "color": [0, 0, 0],
    }
    return {"version": "1.2", "labels": [*rows, nothing]}


def _write(place: Path, sample: Sample, index: dict[int, int]) -> None:
    objects = sample.objects
    things = objects.legend.things
    kinds = np.array([index[kind] for kind in objects.segments.class_id.tolist()], np.int32)
    values = kinds * 256
    for kind in set(objects.segments.class_id.tolist()) & things:
        rows = np.flatnonzero(objects.segments.class_id == kind)
        values[rows] += np.arange(1, len(rows) + 1)
    nothing = len(index)
    write_grey(
        place / "instances" / f"{sample.stem}.png", paint(objects, values, nothing * 256), deep=True
    )
    table = np.zeros((256, 3), np.uint8)
    for row in objects.legend:
        table[index[row.id]] = row.colour
    classes = classes_of(objects, -1)
    lookup = np.full(max([*index, 0]) + 2, nothing, np.int32)
    lookup[list(index)] = list(index.values())
    write_indexed(place / "labels" / f"{sample.stem}.png", lookup[classes], table)


def _legend(path: Path, rules: Reading) -> tuple[Legend, set[int]]:
    """Return the legend, and the ids that mean nothing is labelled."""
    top = Reader(lawful_json(read_bytes(path, rules.limits.text_bytes), str(path)), f"{path}: $")
    rows, nothing = [], set()
    for number, row in enumerate(top.rows("labels")):
        name = row.text("name")
        if name == UNLABELED:
            nothing.add(number)
            continue
        is_thing = row.value.get("instances") is True
        rows.append(LegendClass(number, name, row.colour("color"), is_thing))
    return Legend(tuple(rows), VOID), nothing


def _sample(stem: str, path: Path, legend: Legend, nothing: set[int], rules: Reading) -> Sample:
    values = read_labels(path, rules)
    labels = np.where(np.isin(values // 256, list(nothing)), 0, values + 1)
    ids, areas = np.unique(labels, return_counts=True)
    ids, areas = ids[ids > 0], areas[ids > 0]
    kinds = (ids - 1) // 256
    unknown = np.setdiff1d(kinds, legend.ids)
    if unknown.size:
        raise InputError(f"{path}: {int(unknown[0])} is no class of {CONFIG}")
    table = Segments.of(kinds, id=ids, area=areas)
    return Sample(name=f"{stem}.jpg", result=Panoptic(labels, table, legend))


MAPILLARY = Mapillary()

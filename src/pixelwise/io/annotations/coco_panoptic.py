"""COCO panoptic: one JSON, and a PNG a picture that holds segment ids as colours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Legend, Panoptic, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations.coco_tables import (
    RowsByOwner,
    legend_of,
    needed,
    picture_of,
    streamed,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample, lawful
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import read_ids, write_ids
from pixelwise.io.annotations.objects import segments_of
from pixelwise.io.annotations.port import Annotations, Fault
from pixelwise.io.format import Reading

__all__ = ["COCO_PANOPTIC", "CocoPanoptic"]


class CocoPanoptic(Annotations):
    """COCO's ``panoptic_*.json`` and its folder of PNG."""

    title: ClassVar[str] = "COCO panoptic"
    layout: ClassVar[str] = "panoptic.json beside panoptic/*.png"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, crowd=True, void=True)

    def sniff(self, place: Path) -> bool:
        """Whether there is a JSON with ``segments_info``."""
        return the_json(place, "segments_info", "annotations") is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures in the order of ``images``."""
        path = needed(the_json(place, "segments_info"), place, "a COCO panoptic JSON")
        tables = JsonTables(path)
        legend = legend_of(tables)
        return Dataset(legend=legend, samples=_samples(tables, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write the JSON, and the PNG files into a folder of its name beside it."""
        path = place if place.suffix.lower() == ".json" else place / "panoptic.json"
        images: list[str] = []
        with streamed(path, dataset.legend) as file:
            comma = "\n"
            for number, sample in enumerate(dataset, start=1):
                height, width = sample.size
                name = f"{sample.stem}.png"
                write_ids(path.with_suffix("") / name, segments_of(sample.objects).labels)
                image = {"id": number, "file_name": sample.name, "height": height, "width": width}
                images.append(json.dumps(image))
                entry = {
                    "image_id": number,
                    "file_name": name,
                    "segments_info": _infos(sample),
                }
                file.write(comma + json.dumps(entry, separators=(",", ":")))
                comma = ",\n"
            file.write('],\n"images":[\n' + ",\n".join(images) + "]}\n")

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield everything that is wrong, picture by picture."""
        path = needed(the_json(place, "segments_info"), place, "a COCO panoptic JSON")
        try:
            tables = JsonTables(path)
            look = _Look(tables, legend_of(tables), rules)
            entries = tables.whole_numbers("annotations", "image_id")
        except InputError as error:
            yield Fault(str(path), "$", str(error))
            return
        for row in range(len(entries)):
            yield from _row_faults(look, tables.row("annotations", row), str(path))


def _infos(sample: Sample) -> list[dict[str, Any]]:
    table = sample.objects.segments
    return [
        {
            "id": row.id,
            "category_id": row.class_id,
            "area": row.area,
            "bbox": [
                int(row.box[0]),
                int(row.box[1]),
                int(row.box[2] - row.box[0]),
                int(row.box[3] - row.box[1]),
            ],
            "iscrowd": int(crowd),
        }
        for row, crowd in zip(table, table.crowd, strict=True)
    ]


class _Look:
    """Reads one picture of the file."""

    def __init__(self, tables: JsonTables, legend: Legend, rules: Reading) -> None:
        self.legend, self.rules = legend, rules
        self.known = set(legend.ids.tolist())
        self.base = tables.path

    def panoptic(self, entry: Reader) -> Panoptic:
        """Return the segments of a row of ``annotations``.

        Raises:
            InputError: PNG and JSON do not fit together; the message has the JSON path.
        """
        labels = read_ids(self.picture(entry.text("file_name")), self.rules)
        present = np.unique(labels)
        rows = list(entry.rows("segments_info"))
        ids = [row.whole("id", 1) for row in rows]
        if unknown := sorted(set(present[present > 0].tolist()) - set(ids)):
            raise entry.wrong("segments_info", f"a row for id {unknown[0]} of the PNG")
        for row in rows:
            if row.whole("category_id", 0) not in self.known:
                raise row.wrong("category_id", "the id of a category")
        kept = [row for row, number in zip(rows, ids, strict=True) if number in set(present)]
        table = Segments.of(
            [row.whole("category_id", 0) for row in kept], id=[row.whole("id", 1) for row in kept]
        )
        crowd = np.array([row.whole("iscrowd", 0, 0) > 0 for row in kept], bool)
        return Panoptic(labels, table.with_columns(crowd=crowd), self.legend)

    def picture(self, name: str) -> Path:
        """Return where the PNG lies: in the folder of the JSON's name, or near it."""
        name = lawful(name)
        stem = self.base.stem
        for folder in (stem, "panoptic", stem.replace(".panoptic", ""), "."):
            path = self.base.parent / folder / name
            if path.is_file():
                return path
        return self.base.parent / stem / name


def _samples(tables: JsonTables, legend: Legend, rules: Reading) -> Iterator[Sample]:
    owners = RowsByOwner(tables)
    look = _Look(tables, legend, rules)
    for image in tables.rows("images"):
        picture = picture_of(image, rules)
        places = owners.of(picture.id)
        if len(places) != 1:
            raise InputError(f"{image.path}: expected one annotation, there are {len(places)}")
        entry = tables.row("annotations", int(places[0]))
        result = look.panoptic(entry)
        if result.size != picture.size:
            raise InputError(
                f"{image.path}: the JSON says {picture.size}, the PNG has {result.size}",
                reason="size",
            )
        yield Sample(name=picture.name, result=_measured(result))


def _measured(result: Panoptic) -> Panoptic:
    """Return the segments with the areas of the map, whatever the file says."""
    ids, areas = np.unique(result.labels, return_counts=True)
    table = result.segments
    places = np.searchsorted(ids, table.id)
    return Panoptic(result.labels, table.with_columns(area=areas[places]), result.legend)


def _row_faults(look: _Look, entry: Reader, file: str) -> Iterator[Fault]:
    try:
        result = _measured(look.panoptic(entry))
    except InputError as error:
        yield Fault(file, "" if str(error).startswith("$") else entry.path, str(error))
        return
    areas = dict(zip(result.segments.id.tolist(), result.segments.area.tolist(), strict=True))
    for row in entry.rows("segments_info"):
        number = row.whole("id", 1)
        if number not in areas:
            yield Fault(file, f"{row.path}.id", f"no pixel of the PNG has the id {number}")
        elif row.has("area") and row.value["area"] != areas[number]:
            text = f"it says {row.value['area']}, the PNG has {areas[number]}"
            yield Fault(file, f"{row.path}.area", text, harmless=True)


COCO_PANOPTIC = CocoPanoptic()

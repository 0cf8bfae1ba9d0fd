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
    repeated_in,
    streamed,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample, lawful
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import read_ids, write_ids
from pixelwise.io.annotations.objects import segments_of
from pixelwise.io.annotations.port import Annotations
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
        look = _Look(tables, legend, rules)
        samples = (look.sample(row) for row in range(tables.count("images")))
        return Dataset(legend=legend, samples=samples)

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
        tables = JsonTables(path)
        look = _Look(tables, legend_of(tables), rules)
        for row in look.owners.strangers(tables.whole_numbers("images", "id")):
            where = f"$.annotations[{row}].image_id"
            yield Fault(str(path), where, "there is no such image")
        for row in range(tables.count("images")):
            yield from look.faults(row)
        yield from repeated_in(tables)


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
        self.tables, self.legend, self.rules = tables, legend, rules
        self.known = set(legend.ids.tolist())
        self.owners = RowsByOwner(tables)

    def sample(self, row: int) -> Sample:
        """Return the picture of a row of ``images``."""
        name, result = self.picture_at(row, strictly)
        return Sample(name=name, result=result)

    def picture_at(self, row: int, each: Each) -> tuple[str, Panoptic]:
        """Return its name and its segments, with the areas of the PNG.

        Raises:
            InputError: Its PNG and the JSON do not fit together; the message has the JSON path.
        """
        image = self.tables.row("images", row)
        picture = picture_of(image, self.rules)
        result = self.panoptic(self.entry(image, picture.id), each)
        if result.size != picture.size:
            raise InputError(
                f"{image.path}: the JSON says {picture.size}, the PNG has {result.size}",
                reason="size",
            )
        return picture.name, _measured(result)

    def entry(self, image: Reader, number: int) -> Reader:
        """Return the row of ``annotations`` of a picture."""
        places = self.owners.of(number)
        if len(places) != 1:
            raise InputError(f"{image.path}: expected one annotation, there are {len(places)}")
        return self.tables.row("annotations", int(places[0]))

    def faults(self, row: int) -> Iterator[Fault]:
        """Yield what is wrong with a picture; of a sound one, areas that are not the PNG's."""
        file, made = str(self.tables.path), list[Panoptic]()
        found = gathered(file, lambda each: made.append(self.picture_at(row, each)[1]))
        yield from found
        if found:
            return
        table, image = made[0].segments, self.tables.row("images", row)
        areas = dict(zip(table.id.tolist(), table.area.tolist(), strict=True))
        for entry in self.entry(image, image.whole("id", 0)).rows("segments_info"):
            number = entry.whole("id", 1)
            if number not in areas:
                yield Fault(file, f"{entry.path}.id", f"no pixel of the PNG has the id {number}")
            elif entry.has("area") and entry.value["area"] != areas[number]:
                text = f"it says {entry.value['area']}, the PNG has {areas[number]}"
                yield Fault(file, f"{entry.path}.area", text, harmless=True)

    def panoptic(self, entry: Reader, each: Each) -> Panoptic:
        """Return the segments of a row of ``annotations``."""
        labels = read_ids(self.picture(entry.text("file_name")), self.rules)
        present = np.unique(labels)
        rows = each(entry.rows("segments_info"), self.segment)
        if unknown := sorted(
            set(present[present > 0].tolist()) - {number for number, _, _ in rows}
        ):
            raise entry.wrong("segments_info", f"a row for id {unknown[0]} of the PNG")
        kept = [row for row in rows if row[0] in set(present.tolist())]
        table = Segments.of([kind for _, kind, _ in kept], id=[number for number, _, _ in kept])
        crowd = np.array([crowd for _, _, crowd in kept], bool)
        return Panoptic(labels, table.with_columns(crowd=crowd), self.legend)

    def segment(self, row: Reader) -> tuple[int, int, bool]:
        """Return id, class and crowd of a row of ``segments_info``."""
        if row.whole("category_id", 0) not in self.known:
            raise row.wrong("category_id", "the id of a category")
        return row.whole("id", 1), row.whole("category_id", 0), row.whole("iscrowd", 0, 0) > 0

    def picture(self, name: str) -> Path:
        """Return where the PNG lies: in the folder of the JSON's name, or near it."""
        name, base = lawful(name), self.tables.path
        for folder in (base.stem, "panoptic", base.stem.replace(".panoptic", ""), "."):
            path = base.parent / folder / name
            if path.is_file():
                return path
        return base.parent / base.stem / name


def _measured(result: Panoptic) -> Panoptic:
    """Return the segments with the areas of the map, whatever the file says."""
    ids, areas = np.unique(result.labels, return_counts=True)
    table = result.segments
    places = np.searchsorted(ids, table.id)
    return Panoptic(result.labels, table.with_columns(area=areas[places]), result.legend)


COCO_PANOPTIC = CocoPanoptic()

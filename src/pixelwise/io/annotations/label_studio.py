"""Label Studio: a JSON list of tasks; brush masks and polygons in per cent."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Crop, Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.brush import packed, unpacked
from pixelwise.io.annotations.coco_tables import has_keys, repeated_in
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.legend_file import named
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.outline import Outline, ring_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Reading

__all__ = ["LABEL_STUDIO", "LabelStudio"]

NAME = "tasks.json"
KINDS = {"brushlabels": "brushlabels", "polygonlabels": "polygonlabels"}


class LabelStudio(Annotations):
    """The JSON export of Label Studio."""

    title: ClassVar[str] = "Label Studio"
    layout: ClassVar[str] = "one .json, a list of tasks"
    capacity: ClassVar[Capacity] = Capacity(outlines=True, outline_pieces=False, score=True)

    def sniff(self, place: Path) -> bool:
        """Whether there is a list of tasks."""
        path = _path(place)
        return path.is_file() and has_keys(path, ("annotations", "result", "data"))

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures; the last annotation of each task counts."""
        tables = JsonTables(_path(place))
        names: dict[str, None] = {}
        for task in tables.rows(""):
            names |= dict.fromkeys(_names(task))
        legend = named(list(names))
        samples = (_sample(task, legend, rules) for task in tables.rows(""))
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write one JSON, task by task."""
        path = _path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part, part.open("x", encoding="utf-8") as file:
            file.write("[")
            for number, sample in enumerate(dataset, start=1):
                results = [_result(sample, row) for row in range(len(sample.objects))]
                height, width = sample.size
                task = {
                    "id": number,
                    "data": {"image": sample.name, "width": width, "height": height},
                    "annotations": [{"id": number, "result": results}],
                }
                file.write((",\n" if number > 1 else "\n") + json.dumps(task))
            file.write("\n]\n")

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, task by task."""
        path = _path(place)
        tables = JsonTables(path)
        for number in range(tables.count("")):
            found = gathered(str(path), partial(_look, tables, number, rules))
            yield from dict.fromkeys(found)  # what is wrong with a label is found twice
        yield from repeated_in(tables)


def _path(place: Path) -> Path:
    return place if place.suffix.lower() == ".json" else place / NAME


def _result(sample: Sample, row: int) -> dict[str, Any]:
    objects, (height, width) = sample.objects, sample.size
    label = objects.legend.name(int(objects.segments.class_id[row]))
    drawn = sample.outlines[row] if sample.outlines else None
    if drawn is None:
        kind = "brushlabels"
        value: dict[str, Any] = {"format": "rle", "rle": packed(objects.masks[row])}
    else:
        kind = "polygonlabels"
        value = {"points": (drawn.pieces[0][0] / (width, height) * 100).tolist(), "closed": True}
    entry = {
        "id": f"{int(objects.segments.id[row])}",
        "type": kind,
        "from_name": "tag",
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": {**value, kind: [label]},
    }
    if objects.segments.score[row] < 1:
        entry["score"] = round(float(objects.segments.score[row]), 9)
    return entry


def _results(task: Reader) -> list[Reader]:
    """Return the results of the last annotation that was not cancelled."""
    made = [row for row in task.rows("annotations") if row.value.get("was_cancelled") is not True]
    return list(made[-1].rows("result")) if made else []


def _labels(row: Reader) -> list[str]:
    kind = row.text("type", "")
    if kind not in KINDS:
        return []
    labels = row.object("value").list(kind)
    if len(labels) != 1 or not isinstance(labels[0], str) or not labels[0]:
        raise InputError(f"{row.path}.value.{kind}: expected one label")
    return [labels[0]]


def _names(task: Reader, each: Each = strictly) -> list[str]:
    return [name for labels in each(_results(task), _labels) for name in labels]


def _look(tables: JsonTables, number: int, rules: Reading, each: Each) -> None:
    """Read one task, with the labels that are in it."""
    task = tables.row("", number)
    _sample(task, named(list(dict.fromkeys(_names(task, each)))), rules, each)


def _sample(task: Reader, legend: Legend, rules: Reading, each: Each = strictly) -> Sample:
    data = task.object("data")
    name = data.text("image").rpartition("/data/")[2].removeprefix("local-files/?d=").lstrip("/")
    rows = [row for row in _results(task) if row.value.get("type") in KINDS]
    first = (
        (rows[0].whole("original_height", 1), rows[0].whole("original_width", 1)) if rows else None
    )
    size = first or (data.whole("height", 1), data.whole("width", 1))
    rules.limits.check(size[1], size[0], 4)
    things = each(rows, lambda row: _thing(row, legend, size))
    result, outlines = collected(things, size, legend)
    return Sample(name=name, result=result, outlines=outlines)


def _thing(row: Reader, legend: Legend, size: tuple[int, int]) -> Drawn:
    value = row.object("value")
    kind = legend.id_of(_labels(row)[0])
    number = row.text("id", "0")
    found = int(number) if number.isdecimal() and len(number) < 10 else 0
    score = min(max(row.number("score", 1.0), 0.0), 1.0)
    try:
        if row.text("type") == "brushlabels":
            crop = Crop.of(unpacked(value.list("rle"), size))
            return Drawn(class_id=kind, crop=crop, id=found, score=score)
        ring = ring_of(value.list("points")) * (size[1] / 100, size[0] / 100)
        near = np.rint(ring)
        outline = Outline(((np.where(np.abs(ring - near) < 1e-9, near, ring),),))
        crop = outline.crop(size)
    except InputError as error:
        raise InputError(f"{row.path}.value: {error}", reason=error.reason) from error
    return Drawn(class_id=kind, crop=crop, outline=outline, id=found, score=score)


LABEL_STUDIO = LabelStudio()

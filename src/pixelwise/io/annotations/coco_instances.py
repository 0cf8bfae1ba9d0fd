"""COCO instances: one JSON; polygons, run lengths as text or numbers, crowds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Crop, Instances, Legend, Segments
from pixelwise.errors import InputError, LimitError
from pixelwise.io.annotations.coco_faults import coco_faults
from pixelwise.io.annotations.coco_tables import (
    Picture,
    RowsByOwner,
    legend_of,
    needed,
    picture_of,
    streamed,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.annotations.outline import Outline
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.runs import crop_of, rle_from_json, rle_of
from pixelwise.io.format import Reading

__all__ = ["COCO", "CocoInstances", "annotation_of", "objects_in", "shape_of"]

GREATEST_ID = 2**31 - 1


class CocoInstances(Annotations):
    """COCO's ``instances_*.json``."""

    title: ClassVar[str] = "COCO instances"
    layout: ClassVar[str] = "one .json with images, annotations, categories"
    capacity: ClassVar[Capacity] = Capacity(outlines=True, crowd=True, track=True, score=True)

    def sniff(self, place: Path) -> bool:
        """Whether there is a JSON with images and single segmentations."""
        found = the_json(place, "images", "annotations")
        return found is not None and the_json(found, "segments_info") is None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures in the order of ``images``, each with its annotations."""
        path = needed(the_json(place, "images", "annotations"), place, "a COCO JSON")
        tables = JsonTables(path)
        legend = legend_of(tables)
        return Dataset(legend=legend, samples=_samples(tables, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write one JSON; a folder gets ``instances.json``."""
        path = place if place.suffix.lower() == ".json" else place / "instances.json"
        images: list[str] = []
        with streamed(path, dataset.legend) as file:
            number, comma = 0, "\n"
            for sample in dataset:
                images.append(_text(image_row(len(images) + 1, sample)))
                for row in range(len(sample.objects)):
                    number += 1
                    entry = annotation_of(sample, row, number, len(images))
                    file.write(comma + _text(entry))
                    comma = ",\n"
            file.write('],\n"images":[\n' + ",\n".join(images) + "]}\n")

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield everything that is wrong, with its JSON path."""
        path = needed(the_json(place), place, "a COCO JSON")
        yield from coco_faults(path, rules)


def shape_of(row: Reader, size: tuple[int, int]) -> tuple[Crop, Outline | None]:
    """Return the mask of an annotation, and its polygons where it has such.

    Raises:
        InputError: The segmentation is damaged; the message has its JSON path.
    """
    shape = row.value.get("segmentation")
    if isinstance(shape, dict):
        return crop_of(rle_from_json(row.object("segmentation"), size)), None
    if not isinstance(shape, list):
        raise row.wrong("segmentation", "polygons or run lengths")
    rings = []
    for place, numbers in enumerate(shape):
        where = f"{row.path}.segmentation[{place}]"
        if not isinstance(numbers, list) or len(numbers) % 2 or len(numbers) < 6:
            raise InputError(
                f"{where}: expected x y pairs of three points or more, not "
                f"{len(numbers) if isinstance(numbers, list) else 'no'} numbers",
                reason="polygon",
            )
        rings.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    try:
        outline = Outline.of_rings(rings)
        return outline.crop(size), outline
    except InputError as error:
        raise InputError(f"{row.path}.segmentation: {error}", reason="polygon") from error


def annotation_of(sample: Sample, row: int, number: int, image: int) -> dict[str, Any]:
    """Return one object as a row of ``annotations``."""
    objects = sample.objects
    table, crop = objects.segments, objects.crops[row]
    x0, y0, x1, y1 = crop.box
    entry: dict[str, Any] = {
        "id": number,
        "image_id": image,
        "category_id": int(table.class_id[row]),
        "segmentation": _segmentation(sample, row),
        "area": crop.area,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "iscrowd": int(table.crowd[row]),
    }
    if table.score[row] < 1:
        entry["score"] = round(float(table.score[row]), 9)
    if table.track_id[row] >= 0:
        entry["track_id"] = int(table.track_id[row])
    return entry


def image_row(number: int, sample: Sample) -> dict[str, Any]:
    """Return one picture as a row of ``images``."""
    height, width = sample.size
    row: dict[str, Any] = {
        "id": number,
        "file_name": sample.name,
        "height": height,
        "width": width,
    }
    if sample.clip:
        row |= {"video": sample.clip, "frame": sample.frame}
    return row


def _segmentation(sample: Sample, row: int) -> list[list[float]] | dict[str, Any]:
    """Return polygons where they hold the mask; crowds as numbers and holes as text, as COCO."""
    crop, size = sample.objects.crops[row], sample.size
    if sample.objects.segments.crowd[row]:
        return {"size": list(size), "counts": rle_of(crop, size).counts.tolist()}
    outline = sample.outline(row)
    if outline.holes or not outline.pieces:
        return {"size": list(size), "counts": rle_of(crop, size).text}
    return [_numbers(piece[0]) for piece in outline.pieces]


def _numbers(ring: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    flat = ring.reshape(-1)
    whole = (flat == np.rint(flat)).all()
    return list(flat.astype(np.int64).tolist() if whole else flat.tolist())


def _samples(tables: JsonTables, legend: Legend, rules: Reading) -> Iterator[Sample]:
    rows = RowsByOwner(tables)
    ids = tables.whole_numbers("images", "id")
    if (lost := rows.strangers(ids)).size:
        where = f"$.annotations[{int(lost[0])}]"
        raise InputError(f"{where}: its picture is not in images ({len(lost)} such rows)")
    for entry in tables.rows("images"):
        try:
            picture = picture_of(entry, rules)
        except LimitError as error:
            raise LimitError(f"{entry.path}: {error}") from error
        found = [tables.row("annotations", int(place)) for place in rows.of(picture.id)]
        objects, outlines = objects_in(found, picture, legend)
        yield Sample(
            name=picture.name,
            result=objects,
            outlines=outlines,
            clip=entry.text("video", ""),
            frame=entry.whole("frame", 0, 0),
        )


def objects_in(
    rows: list[Reader], picture: Picture, legend: Legend
) -> tuple[Instances, tuple[Outline | None, ...]]:
    """Return rows of ``annotations``, or of results, as the objects of a picture.

    Raises:
        InputError: One is damaged; the message has its JSON path.
    """
    known = set(legend.ids.tolist())
    crops: list[Crop] = []
    outlines: list[Outline | None] = []
    for row in rows:
        if row.whole("category_id", 0) not in known:
            raise row.wrong("category_id", "the id of a category")
        crop, outline = shape_of(row, picture.size)
        crops.append(crop)
        outlines.append(outline)
    ids = [row.whole("id", 0, 0) for row in rows]
    lawful = len(set(ids)) == len(ids) and all(0 < number <= GREATEST_ID for number in ids)
    table = Segments.of(
        [row.whole("category_id", 0) for row in rows],
        id=ids if lawful else None,
        score=[row.number("score", 1.0) for row in rows],
        track_id=[row.whole("track_id", -1, -1) for row in rows],
    ).with_columns(crowd=np.array([row.whole("iscrowd", 0, 0) > 0 for row in rows], bool))
    return instances_of(table, crops, picture.size, legend), tuple(outlines)


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, separators=(",", ":"), allow_nan=False)


COCO = CocoInstances()

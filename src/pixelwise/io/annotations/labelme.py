"""LabelMe: a JSON a picture; polygons, pieces joined by group, masks as PNG in text."""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Crop, Legend, Segments
from pixelwise.errors import InputError, PixelwiseError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.legend_file import named
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.annotations.outline import Outline, joined, ring_of
from pixelwise.io.annotations.port import Annotations, Fault
from pixelwise.io.atomic import write_bytes
from pixelwise.io.codecs import CODECS
from pixelwise.io.encoders import grey_png
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["LABELME", "LabelMe"]

LABELS = "labels.txt"
CIRCLE = 64
"""Corners of a circle."""
CROWD = "iscrowd"
WITHOUT_AREA = ("point", "points", "line", "linestrip")


class LabelMe(Annotations):
    """``<stem>.json`` of each picture."""

    title: ClassVar[str] = "LabelMe"
    layout: ClassVar[str] = "<stem>.json of each picture, labels.txt"
    capacity: ClassVar[Capacity] = Capacity(outlines=True, crowd=True)

    def sniff(self, place: Path) -> bool:
        """Whether the first JSON of the folder has shapes."""
        first = next(iter(_files(place)), None)
        return first is not None and _has_shapes(first[1])

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures; the legend is ``labels.txt`` or the labels in their order."""
        files = _files(place)
        if not files:
            raise InputError(f"{place}: expected JSON files of LabelMe, there are none")
        legend = _legend(place, files, rules)
        samples = (_sample(stem, path, legend, rules) for stem, path in files)
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a JSON a picture."""
        place.mkdir(parents=True, exist_ok=True)
        names = [row.name for row in dataset.legend]
        write_bytes(place / LABELS, "".join(f"{name}\n" for name in names).encode())
        for sample in dataset:
            path = place / f"{sample.stem}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, json.dumps(_document(sample), indent=1).encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        files = _files(place)
        good = []
        for stem, path in files:
            try:
                _labels(path, rules)
                good.append((stem, path))
            except PixelwiseError as error:
                yield Fault("", "", str(error))
        legend = _legend(place, good, rules)
        for stem, path in good:
            try:
                _sample(stem, path, legend, rules)
            except PixelwiseError as error:
                yield Fault("", "", str(error))


def _document(sample: Sample) -> dict[str, Any]:
    height, width = sample.size
    shapes = [shape for row in range(len(sample.objects)) for shape in _shapes(sample, row)]
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": sample.name.rpartition("/")[2],
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def _shapes(sample: Sample, row: int) -> Iterator[dict[str, Any]]:
    objects = sample.objects
    label = objects.legend.name(int(objects.segments.class_id[row]))
    outline = sample.outline(row)
    several = len(outline.pieces) > 1
    flags = {CROWD: True} if objects.segments.crowd[row] else {}
    common = {
        "label": label,
        "group_id": int(objects.segments.id[row]) if several else None,
        "description": "",
        "flags": flags,
    }
    if outline.holes:
        x0, y0, x1, y1 = objects.crops[row].box
        mask = b64encode(grey_png(objects.crops[row].mask.view(np.uint8) * np.uint8(255))).decode()
        points = [[x0, y0], [x1 - 1, y1 - 1]]
        yield {**common, "group_id": None, "shape_type": "mask", "points": points, "mask": mask}
        return
    for piece in outline.pieces:
        yield {**common, "shape_type": "polygon", "points": piece[0].tolist(), "mask": None}


def _files(place: Path) -> list[tuple[str, Path]]:
    if place.is_file() and place.suffix.lower() == ".json":
        return [(place.stem, place)]
    return list(maps_in(place, ".json")) if place.is_dir() else []


def _has_shapes(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
        return b'"shapes"' in head or (b'"imagePath"' in head and b'"flags"' in head)


def _legend(place: Path, files: list[tuple[str, Path]], rules: Reading) -> Legend:
    labels = place / LABELS
    found: dict[str, None] = {}
    if labels.is_file():
        lines = read_bytes(labels, rules.limits.text_bytes).decode("utf-8", "replace").splitlines()
        found |= dict.fromkeys(line.strip() for line in lines if line.strip())
    for _, path in files:
        found |= dict.fromkeys(_labels(path, rules))
    return named([name for name in found if name not in ("__ignore__", "_background_")])


def _labels(path: Path, rules: Reading) -> list[str]:
    return [row.text("label") for row in _top(path, rules).rows("shapes")]


def _top(path: Path, rules: Reading) -> Reader:
    data = read_bytes(path, rules.limits.file_bytes)
    return Reader(lawful_json(data, str(path)), f"{path}: $")


def _sample(stem: str, path: Path, legend: Legend, rules: Reading) -> Sample:
    top = _top(path, rules)
    size = (top.whole("imageHeight", 1), top.whole("imageWidth", 1))
    rules.limits.check(size[1], size[0], 1)
    bounded = Reading(limits=replace(rules.limits, pixels=size[0] * size[1]))
    groups: dict[object, list[Reader]] = {}
    for number, row in enumerate(top.rows("shapes")):
        if row.text("shape_type", "polygon") in WITHOUT_AREA or row.text("label") == "__ignore__":
            continue
        group = row.value.get("group_id")
        key = (row.text("label"), str(group)) if group is not None else number
        groups.setdefault(key, []).append(row)
    kinds, crowds, crops, outlines = list[int](), list[bool](), list[Crop](), list[Outline | None]()
    for rows in groups.values():
        drawn = [_drawn(row, size, bounded) for row in rows]
        rings = [outline for _, outline in drawn if outline is not None]
        pieces = tuple(piece for outline in rings for piece in outline.pieces)
        crops.append(joined([crop for crop, _ in drawn if crop.mask.size]))
        outlines.append(Outline(pieces) if len(rings) == len(rows) else None)
        kinds.append(legend.id_of(rows[0].text("label")))
        flags = rows[0].value.get("flags")
        crowds.append(isinstance(flags, dict) and flags.get(CROWD) is True)
    table = Segments.of(kinds).with_columns(crowd=np.array(crowds, bool))
    suffix = Path(top.text("imagePath", "") or ".jpg").suffix or ".jpg"
    return Sample(
        name=f"{stem}{suffix}",
        result=instances_of(table, crops, size, legend),
        outlines=tuple(outlines),
    )


def _drawn(row: Reader, size: tuple[int, int], rules: Reading) -> tuple[Crop, Outline | None]:
    kind = row.text("shape_type", "polygon")
    ring = _points(row)
    if kind == "mask":
        return _mask(row, ring, size, rules), None
    if kind == "rectangle" and len(ring) == 2:
        (x0, y0), (x1, y1) = ring
        ring = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    elif kind == "circle" and len(ring) == 2:
        angles = np.linspace(0, 2 * np.pi, CIRCLE, endpoint=False)
        radius = float(np.hypot(*(ring[1] - ring[0])))
        ring = ring[0] + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    elif len(ring) < 3:
        raise row.wrong("points", "three points or more")
    outline = Outline(((ring,),))
    try:
        return outline.crop(size), outline
    except InputError as error:
        raise InputError(f"{row.path}.points: {error}") from error


def _points(row: Reader) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return ring_of(row.list("points"))
    except InputError as error:
        raise InputError(f"{row.path}.points: {error}") from error


def _mask(
    row: Reader, corners: np.ndarray[Any, Any], size: tuple[int, int], rules: Reading
) -> Crop:
    try:
        data = b64decode(row.text("mask"), validate=True)
    except (Base64Error, ValueError) as error:
        raise InputError(f"{row.path}.mask: no base64: {error}") from error
    pixels = CODECS["PNG"](data, rules).pixels
    mask = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)[..., 0] > 0
    x0, y0 = (round(float(edge)) for edge in corners[0])
    lawful = 0 <= x0 <= size[1] - mask.shape[1] and 0 <= y0 <= size[0] - mask.shape[0]
    if not lawful:
        raise InputError(f"{row.path}: the mask {mask.shape} at {x0}, {y0} leaves the picture")
    inner = Crop.of(mask)
    return Crop((inner.origin[0] + y0, inner.origin[1] + x0), inner.mask)


LABELME = LabelMe()

"""LabelMe: a JSON a picture; polygons, pieces joined by group, masks as PNG in text."""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Crop, Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, repeated_keys, strictly
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.legend_file import named
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.outline import Outline, ring_of
from pixelwise.io.annotations.port import Annotations
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
IGNORED = ("__ignore__", "_background_")


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
        """Return the pictures; the legend is ``labels.txt`` or the labels in their order.

        Raises:
            InputError: There are no files of LabelMe, or one cannot be read.
        """
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
        for stem, path in _files(place):
            found = gathered(str(path), partial(_look, stem, path, rules))
            yield from dict.fromkeys(found)  # what is wrong with a label is found twice
            yield from repeated_keys(read_bytes(path, rules.limits.file_bytes), str(path))


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
    return _named(found)


def _named(labels: Iterable[str]) -> Legend:
    plain = [name for name in labels if name not in IGNORED]
    return named(list(dict.fromkeys(plain)))


def _labels(path: Path, rules: Reading, each: Each = strictly) -> list[str]:
    return each(_top(path, rules).rows("shapes"), lambda row: row.text("label"))


def _look(stem: str, path: Path, rules: Reading, each: Each) -> None:
    """Read one file, with the labels that are in it."""
    _sample(stem, path, _named(_labels(path, rules, each)), rules, each)


def _top(path: Path, rules: Reading) -> Reader:
    data = read_bytes(path, rules.limits.file_bytes)
    return Reader(lawful_json(data, str(path)), f"{path}: $")


def _sample(stem: str, path: Path, legend: Legend, rules: Reading, each: Each = strictly) -> Sample:
    top = _top(path, rules)
    size = (top.whole("imageHeight", 1), top.whole("imageWidth", 1))
    rules.limits.check(size[1], size[0], 1)
    bounded = Reading(limits=replace(rules.limits, pixels=size[0] * size[1]))
    groups: dict[object, list[Drawn]] = {}
    for key, thing in each(top.rows("shapes"), lambda row: _thing(row, legend, size, bounded)):
        if thing is not None:
            groups.setdefault(key, []).append(thing)
    parts = [Drawn.of_pieces(group) for group in groups.values()]
    result, outlines = collected(parts, size, legend)
    suffix = Path(top.text("imagePath", "") or ".jpg").suffix or ".jpg"
    return Sample(name=f"{stem}{suffix}", result=result, outlines=outlines)


def _thing(
    row: Reader, legend: Legend, size: tuple[int, int], rules: Reading
) -> tuple[object, Drawn | None]:
    """Return a shape, and what is equal for the pieces of one object."""
    label, group, flags = row.text("label"), row.value.get("group_id"), row.value.get("flags")
    key = row.path if group is None else (label, str(group))
    if row.text("shape_type", "polygon") in WITHOUT_AREA or label in IGNORED:
        return key, None
    crop, outline = _drawn(row, size, rules)
    crowd = isinstance(flags, dict) and flags.get(CROWD) is True
    return key, Drawn(class_id=legend.id_of(label), crop=crop, outline=outline, crowd=crowd)


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

"""Supervisely: a JSON a picture, polygons with holes, bitmaps as packed PNG; ``meta.json``."""

import json
import zlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Legend, LegendClass
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, repeated_keys, strictly
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.outline import Outline, ring_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.codecs import CODECS
from pixelwise.io.encoders import grey_png
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["SUPERVISELY", "Supervisely"]

META = "meta.json"
FOLDER = "ds/ann"


class Supervisely(Annotations):
    """``<dataset>/ann/<picture>.json`` and ``meta.json``."""

    title: ClassVar[str] = "Supervisely"
    layout: ClassVar[str] = "meta.json <dataset>/ann/<picture>.json"
    capacity: ClassVar[Capacity] = Capacity(outlines=True, outline_holes=True, outline_pieces=False)

    def sniff(self, place: Path) -> bool:
        """Whether ``meta.json`` stands beside folders called ``ann``."""
        return (place / META).is_file() and next(place.glob("*/ann/"), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures of all datasets."""
        legend = _legend(place, rules)
        files = sorted(place.glob("*/ann/**/*.json"))
        return Dataset(legend=legend, samples=(_sample(path, legend, rules) for path in files))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a JSON a picture."""
        classes = [
            {
                "title": row.name,
                "shape": "any",
                "color": "#" + "".join(f"{c:02X}" for c in row.colour),
            }
            for row in dataset.legend
        ]
        place.mkdir(parents=True, exist_ok=True)
        write_bytes(place / META, json.dumps({"classes": classes, "tags": []}).encode())
        for sample in dataset:
            path = place / FOLDER / f"{sample.name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, json.dumps(_document(sample)).encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        legend = _legend(place, rules)
        for path in sorted(place.glob("*/ann/**/*.json")):
            yield from gathered(str(path), partial(_sample, path, legend, rules))
            yield from repeated_keys(read_bytes(path, rules.limits.file_bytes), str(path))


def _document(sample: Sample) -> dict[str, Any]:
    height, width = sample.size
    objects = [_object(sample, row) for row in range(len(sample.objects))]
    size = {"height": height, "width": width}
    return {"description": "", "tags": [], "size": size, "objects": objects}


def _object(sample: Sample, row: int) -> dict[str, Any]:
    objects = sample.objects
    title = objects.legend.name(int(objects.segments.class_id[row]))
    entry: dict[str, Any] = {"id": int(objects.segments.id[row]), "classTitle": title, "tags": []}
    drawn = sample.outlines[row] if sample.outlines else None
    if drawn is not None:
        outer, *holes = drawn.pieces[0]
        points = {"exterior": outer.tolist(), "interior": [hole.tolist() for hole in holes]}
        return {**entry, "geometryType": "polygon", "points": points}
    crop = objects.crops[row]
    png = grey_png(crop.mask.view(np.uint8) * np.uint8(255))
    data = b64encode(zlib.compress(png)).decode("ascii")
    origin = [crop.origin[1], crop.origin[0]]
    return {**entry, "geometryType": "bitmap", "bitmap": {"data": data, "origin": origin}}


def _legend(place: Path, rules: Reading) -> Legend:
    path = place / META
    top = Reader(lawful_json(read_bytes(path, rules.limits.text_bytes), str(path)), f"{path}: $")
    rows = [
        LegendClass(
            number, row.text("title"), _colour(row.text("color", ""), number), is_thing=True
        )
        for number, row in enumerate(top.rows("classes"), start=1)
    ]
    return Legend(tuple(rows), 0)


def _colour(text: str, number: int) -> tuple[int, int, int]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        return spread_colour(number)
    return red, green, blue


def _sample(path: Path, legend: Legend, rules: Reading, each: Each = strictly) -> Sample:
    data = read_bytes(path, rules.limits.file_bytes)
    top = Reader(lawful_json(data, str(path)), f"{path}: $")
    size = (top.object("size").whole("height", 1), top.object("size").whole("width", 1))
    rules.limits.check(size[1], size[0], 1)
    bounded = Reading(limits=replace(rules.limits, pixels=size[0] * size[1]))
    things = each(top.rows("objects"), lambda row: _thing(row, legend, size, bounded))
    result, outlines = collected([one for one in things if one is not None], size, legend)
    folder = next(parent for parent in path.parents if parent.name == "ann")
    name = path.relative_to(folder).as_posix().removesuffix(".json")
    return Sample(name=name, result=result, outlines=outlines)


def _thing(row: Reader, legend: Legend, size: tuple[int, int], rules: Reading) -> Drawn | None:
    kind = row.text("geometryType", "")
    if kind not in ("polygon", "bitmap", "rectangle"):
        return None
    class_id, number = legend.id_of(row.text("classTitle")), row.whole("id", 0, 0)
    try:
        if kind == "bitmap":
            return Drawn(class_id=class_id, crop=_bitmap(row, size, rules), id=number)
        points = row.object("points")
        outer = ring_of(points.list("exterior"))
        if kind == "rectangle" and len(outer) == 2:
            (x0, y0), (x1, y1) = outer
            outer = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
        holes = [ring_of(hole) for hole in points.list("interior")]
        outline = Outline(((outer, *holes),))
        return Drawn(class_id=class_id, crop=outline.crop(size), outline=outline, id=number)
    except InputError as error:
        raise InputError(f"{row.path}: {error}", reason=error.reason) from error


def _bitmap(row: Reader, size: tuple[int, int], rules: Reading) -> Crop:
    bitmap = row.object("bitmap")
    left, top = (int(edge) for edge in ring_of([bitmap.list("origin")])[0])
    mask = _inflated(bitmap.text("data"), rules)
    inside = left >= 0 and top >= 0
    if not inside or left + mask.shape[1] > size[1] or top + mask.shape[0] > size[0]:
        raise InputError(f"the bitmap {mask.shape} at {left}, {top} leaves the picture")
    inner = Crop.of(mask)
    return Crop((inner.origin[0] + top, inner.origin[1] + left), inner.mask)


def _inflated(text: str, rules: Reading) -> NDArray[np.bool_]:
    """Return a packed PNG as a mask; it never inflates beyond what the picture could need."""
    most = 8 * rules.limits.pixels + 65536
    try:
        inflate = zlib.decompressobj()
        png = inflate.decompress(b64decode(text, validate=True), most)
    except (Base64Error, ValueError, zlib.error) as error:
        raise InputError(f"bitmap.data: no packed PNG: {error}") from error
    pixels = CODECS["PNG"](png, rules).pixels
    flat = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    return flat[..., -1 if flat.shape[2] in (2, 4) else 0] > 0


SUPERVISELY = Supervisely()

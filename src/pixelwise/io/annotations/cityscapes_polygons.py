"""The polygons of Cityscapes: painted one over the other, a group named with its class."""

from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.core import Crop, Instances, Legend, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.annotations.outline import Outline
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes
from pixelwise.ops.polygons import bridged

__all__ = ["name_in", "polygons_of", "read_polygons"]

GROUP = "group"
NOTHING = ("unlabeled", "license plate")


def polygons_of(sample: Sample) -> dict[str, Any]:
    """Return the JSON of a picture; each piece is one object, its holes joined by bridges."""
    objects, (height, width) = sample.objects, sample.size
    rows: list[dict[str, Any]] = []
    for place, row in enumerate(objects.segments):
        name = objects.legend.name(row.class_id)
        label = name + GROUP if objects.segments.crowd[place] else name
        pieces = sample.outline(place).pieces
        rows += [{"label": label, "polygon": bridged(piece).tolist()} for piece in pieces]
    return {"imgHeight": height, "imgWidth": width, "file_name": sample.name, "objects": rows}


def name_in(path: Path, rules: Reading) -> str:
    """Return the picture's name if the file says it (ours do), else an empty text."""
    top = Reader(lawful_json(read_bytes(path, rules.limits.text_bytes), str(path)), str(path))
    return top.text("file_name", "")


def read_polygons(
    path: Path, legend: Legend, rules: Reading
) -> tuple[Instances, tuple[Outline | None, ...]]:
    """Return the objects, later ones first, since they lie over the earlier ones.

    Raises:
        InputError: A field is wrong or a label is unknown.
        LimitError: The picture is too large.
    """
    top = Reader(lawful_json(read_bytes(path, rules.limits.file_bytes), str(path)), str(path))
    size = (top.whole("imgHeight", 1), top.whole("imgWidth", 1))
    rules.limits.check(size[1], size[0], 1)
    names = {row.name: row.id for row in legend}
    kinds, crowds, crops, outlines = list[int](), list[bool](), list[Crop](), list[Outline | None]()
    taken = np.zeros(size, bool)
    for row in reversed(list(top.rows("objects"))):
        label = row.text("label")
        if label in NOTHING:
            continue
        plain = label if label in names else label.removesuffix(GROUP)
        if plain not in names:
            raise InputError(f"{row.path}.label: {label!r} is no label of Cityscapes")
        outline = Outline.of_rings([row.list("polygon")])
        drawn = outline.crop(size)
        crop = Crop.of(drawn.full(size) & ~taken)
        taken[drawn.window] |= drawn.mask
        kinds.append(names[plain])
        crowds.append(plain != label)
        crops.append(crop)
        outlines.append(outline if crop.area == drawn.area else None)
    table = Segments.of(kinds).with_columns(crowd=np.array(crowds, bool))
    return instances_of(table, crops, size, legend), tuple(outlines)

"""The polygons of Cityscapes: painted one over the other, a group named with its class."""

from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.core import Crop, Instances, Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, strictly
from pixelwise.io.annotations.json_text import Reader, lawful_json
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
    top = Reader(lawful_json(read_bytes(path, rules.limits.text_bytes), str(path)), f"{path}: $")
    return top.text("file_name", "")


def read_polygons(
    path: Path, legend: Legend, rules: Reading, each: Each = strictly
) -> tuple[Instances, tuple[Outline | None, ...]]:
    """Return the objects, later ones first, since they lie over the earlier ones.

    Args:
        path: The JSON.
        legend: Cityscapes' own.
        rules: Limits.
        each: Reads the objects.

    Raises:
        InputError: A field is wrong or a label is unknown.
        LimitError: The picture is too large.
    """
    top = Reader(lawful_json(read_bytes(path, rules.limits.file_bytes), str(path)), f"{path}: $")
    size = (top.whole("imgHeight", 1), top.whole("imgWidth", 1))
    rules.limits.check(size[1], size[0], 1)
    names = {row.name: row.id for row in legend}
    found = each(reversed(list(top.rows("objects"))), lambda row: _thing(row, names, size))
    things = [thing for thing in found if thing is not None]
    taken = np.zeros(size, bool)
    for thing in things:
        drawn = thing.crop
        thing.crop = Crop.of(drawn.full(size) & ~taken)
        taken[drawn.window] |= drawn.mask
        if thing.crop.area != drawn.area:
            thing.outline = None
    return collected(things, size, legend)


def _thing(row: Reader, names: dict[str, int], size: tuple[int, int]) -> Drawn | None:
    label = row.text("label")
    if label in NOTHING:
        return None
    plain = label if label in names else label.removesuffix(GROUP)
    if plain not in names:
        raise InputError(f"{row.path}.label: {label!r} is no label of Cityscapes")
    try:
        outline = Outline.of_rings([row.list("polygon")])
        crop = outline.crop(size)
    except InputError as error:
        raise InputError(f"{row.path}.polygon: {error}", reason=error.reason) from error
    return Drawn(class_id=names[plain], crop=crop, outline=outline, crowd=plain != label)

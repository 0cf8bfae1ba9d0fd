"""The classes of a folder of annotations: what its files cannot say themselves."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from pixelwise.core import Legend, LegendClass
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError
from pixelwise.io.annotations.coco_tables import categories
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["NAME", "legend_beside", "legend_of_palette", "named", "numbered", "write_legend"]

NAME = "classes.json"


def write_legend(folder: Path, legend: Legend) -> None:
    """Write ``classes.json`` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = {"name": legend.title, "void": legend.void, "categories": categories(legend)}
    write_bytes(folder / NAME, json.dumps(table, indent=1).encode())


def legend_beside(folder: Path, rules: Reading) -> Legend | None:
    """Return the legend of ``classes.json`` in the folder or above it, None where there is none.

    Raises:
        InputError: The file is damaged.
    """
    for place in (folder / NAME, folder.parent / NAME):
        if place.is_file():
            data = read_bytes(place, rules.limits.file_bytes)
            return _legend(Reader(lawful_json(data, str(place)), "$"))
    return None


def legend_of_palette(path: Path) -> Legend | None:
    """Return the official legend that has the colours of an indexed PNG; None where none has.

    Sets of one or two classes, and those in the colours that anything without a legend gets, say
    too little to be known by them.
    """
    try:
        with PillowImage.open(path) as picture:
            colours = None if picture.palette is None else picture.getpalette()
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None
    if colours is None:
        return None
    palette = np.zeros((256, 3), np.uint8)
    palette.reshape(-1)[: len(colours)] = colours
    known = [
        legend
        for legend in (Legend.official(name) for name in Legend.official_names())
        if len(legend) > 2 and _has_colours(legend, palette)
    ]
    return max(known, key=len, default=None)


def _has_colours(legend: Legend, palette: NDArray[np.uint8]) -> bool:
    """Return whether a palette is the legend's, whose colours are its own."""
    if max(legend.ids) >= len(palette) or all(r.colour == spread_colour(r.id) for r in legend):
        return False
    return np.array_equal(palette[legend.ids], [row.colour for row in legend])


def numbered(void: int = 255) -> Legend:
    """Return the legend of maps that say nothing: each label is called by its number.

    >>> numbered().name(7)
    '7'
    """
    rows = (LegendClass(number, str(number), spread_colour(number)) for number in range(256))
    return Legend(tuple(row for row in rows if row.id != void), void)


def named(names: list[str], *, things: bool = True) -> Legend:
    """Return a legend of names in their order, ids from 0.

    Raises:
        InputError: A name is empty or stands twice.
    """
    if len(set(names)) != len(names) or not all(names):
        raise InputError(f"names of classes must be unique and not empty: {names[:8]}")
    return Legend.of(names, things=names if things else ())


def _legend(top: Reader) -> Legend:
    rows = []
    for row in top.rows("categories"):
        is_thing = row.whole("isthing", 0, 1) > 0
        colour = row.colour("color")
        rows.append(LegendClass(row.whole("id", 0), row.text("name"), colour, is_thing))
    return Legend(tuple(rows), top.whole("void", 0, 255), top.text("name", ""))

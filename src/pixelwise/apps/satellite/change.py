"""What became of what between two maps on one grid."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.areas import ClassArea, class_areas
from pixelwise.apps.satellite.job import LabelMap
from pixelwise.core import Legend, LegendClass
from pixelwise.core.legend import spread_colour
from pixelwise.ops.windows import Window

__all__ = ["change_legend", "change_strips", "transitions", "transitions_csv"]

SAME = (225, 225, 225)
ARROW = " -> "


def change_legend(legend: Legend) -> Legend:
    """Return the classes of a map of changes: ``from -> to``, grey where nothing changed.

    The number of a class is ``from * K + to``, counted by place in the legend of K classes.

    >>> change_legend(Legend.of(["water", "land"])).name(1)
    'water -> land'
    """
    names = [row.name for row in legend]
    rows = [
        LegendClass(
            a * len(names) + b,
            f"{old}{ARROW}{new}",
            SAME if a == b else spread_colour(a * len(names) + b + 1),
        )
        for a, old in enumerate(names)
        for b, new in enumerate(names)
    ]
    return Legend(tuple(rows), void=255 if len(rows) <= 255 else 65535)


def change_strips(before: LabelMap, now: LabelMap) -> Iterator[tuple[Window, NDArray[Any]]]:
    """Yield the labels of the map of changes in whole rows; void where one of the two is."""
    legend, count = now.legend, len(now.legend)
    void = change_legend(legend).void
    place = np.full(legend.void + 1, count, np.int64)
    place[legend.ids] = np.arange(count)
    pairs = np.full((count + 1, count + 1), void, np.uint16)
    pairs[:count, :count] = np.arange(count * count).reshape(count, count)
    for (window, old), (_, new) in zip(before.strips(), now.strips(), strict=True):
        yield window, pairs[place[old], place[new]]


def transitions(before: LabelMap, now: LabelMap) -> list[ClassArea]:
    """Return pixels and area of every pair of classes."""
    legend = change_legend(now.legend)
    return class_areas(change_strips(before, now), legend, now.ground, now.size)


def transitions_csv(rows: list[ClassArea], legend: Legend) -> str:
    """Return the table from-class by to-class, in hectares, or pixels where there are none."""
    names = [row.name for row in legend]
    in_hectares = rows[0].hectares is not None
    values = [row.hectares if row.hectares is not None else row.pixels for row in rows]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"from \\ to ({'ha' if in_hectares else 'pixels'})", *names])
    for number, name in enumerate(names):
        row = values[number * len(names) : (number + 1) * len(names)]
        writer.writerow([name, *(f"{value:.6f}" if in_hectares else value for value in row)])
    return text.getvalue()

"""What of a result is painted: an index map, its colours, the legend's rows, the captions."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import (
    Foreground,
    Instances,
    Legend,
    Panoptic,
    Regions,
    Result,
    Segments,
    Semantic,
)
from pixelwise.drawing.palette import Rgb, thing_colour, thing_palette
from pixelwise.errors import InputError

__all__ = ["Caption", "Layers", "LegendRow", "layers_of"]

MOST = 255
"""Different colours of one picture; 0 is what is not painted."""

FOREGROUND: Rgb = (20, 220, 140)
"""Colour of a foreground without a name: green, as far from skin as it gets."""

MANY = 12
"""Of more things of one class than this, untracked, the legend's count says it all."""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One line of the legend: a name, the colours it stands for, and its pixels."""

    name: str
    colours: tuple[Rgb, ...]
    area: int


@dataclass(frozen=True, slots=True)
class Caption:
    """The words beside one thing, its box x0 y0 x1 y1, and the x of its topmost pixels."""

    text: str
    box: tuple[float, float, float, float]
    top_x: float
    colour: Rgb


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What is painted.

    Args:
        index: (H, W) uint8, a row of ``colours``; 0 is left as it is.
        parts: (H, W) uint8 or uint16 that differ where two parts meet.
        colours: (256, 3) uint8.
        rows: Lines of the legend, largest first.
        captions: Words beside things, most certain first.
    """

    index: NDArray[np.uint8]
    parts: NDArray[np.uint8] | NDArray[np.uint16]
    colours: NDArray[np.uint8]
    rows: tuple[LegendRow, ...] = ()
    captions: tuple[Caption, ...] = ()


def layers_of(result: Result) -> Layers:
    """Return what is painted of a flat result (two axes).

    Raises:
        InputError: It is none of the five results.
    """
    match result:
        case Foreground():
            return _of_foreground(result)
        case Semantic():
            return _of_semantic(result)
        case Instances():
            return _of_instances(result)
        case Panoptic():
            return _of_panoptic(result)
        case Regions():
            count = min(int(result.labels.max(initial=0)), MOST)
            return _layers(result.labels, thing_palette(count))
    raise InputError(f"a {type(result).__name__} cannot be drawn")


def _of_foreground(result: Foreground) -> Layers:
    legend = result.legend
    named = legend is not None and len(legend) == 2
    row = legend.classes[1] if legend is not None and named else None
    colour = row.colour if row and row.name != "foreground" else FOREGROUND
    index = result.mask.view(np.uint8)
    rows = (LegendRow(row.name, (colour,), result.area),) if row and result.area else ()
    return Layers(index, index, _table(np.array([colour], np.uint8)), rows)


def _of_semantic(result: Semantic) -> Layers:
    present = set(result.present)
    shown = [row for row in result.legend if row.id in present and row.name != "background"]
    numbers = np.zeros(max(int(result.labels.max(initial=0)), result.legend.void) + 1, np.int32)
    numbers[[row.id for row in shown]] = np.arange(1, len(shown) + 1)
    colours = np.array([row.colour for row in shown], np.uint8).reshape(-1, 3)
    layers = _layers(_looked_up(numbers, result.labels), colours)
    areas = _areas(layers.index)
    rows = [
        LegendRow(_shown(row.name), (row.colour,), int(areas[_wrapped(number)]))
        for number, row in enumerate(shown, start=1)
    ]
    return _with_words(layers, rows, [])


def _of_instances(result: Instances) -> Layers:
    owner = np.zeros(result.size, np.int32)
    order = np.argsort(-result.segments.score, kind="stable")
    for row in order[::-1]:  # the most certain lies on top
        crop = result.crops[row]
        owner[crop.window][crop.mask] = row + 1
    colours = _thing_colours(result.segments)
    layers = _layers(owner, np.array(colours[:MOST], np.uint8).reshape(-1, 3))
    areas = [crop.area for crop in result.crops]
    boxes = np.array([crop.box for crop in result.crops], np.float32).reshape(-1, 4)
    segments = result.segments.with_columns(area=areas, box=boxes)
    rows = _rows(segments, colours, result.legend)
    tops = [x0 + _middle(crop.mask[:1]) for crop, x0 in zip(result.crops, boxes[:, 0], strict=True)]
    return _with_words(layers, rows, _captions(segments, tops, colours, result.legend))


def _of_panoptic(result: Panoptic) -> Layers:
    segments, legend = result.segments, result.legend
    numbers = np.zeros(max(int(segments.id.max(initial=0)), 0) + 1, np.int32)
    numbers[segments.id] = np.arange(1, len(segments) + 1)
    is_thing = np.isin(segments.class_id, list(legend.things))
    own = iter(_thing_colours(segments[is_thing]))
    colours = [
        next(own) if thing else legend[int(class_id)].colour
        for thing, class_id in zip(is_thing, segments.class_id, strict=True)
    ]
    owner = _looked_up(numbers, result.labels)
    layers = _layers(owner, np.array(colours[:MOST], np.uint8).reshape(-1, 3))
    few = len(segments) <= MOST
    areas = (
        _areas(layers.index) if few else np.bincount(owner.reshape(-1), minlength=len(segments) + 1)
    )
    segments = segments.with_columns(area=areas[1 : len(segments) + 1])
    rows = _rows(segments, colours, legend)
    things = [colour for colour, thing in zip(colours, is_thing, strict=True) if thing]
    tops = [_top_x(result.labels, number, box) for number, box in _boxes(segments[is_thing])]
    return _with_words(layers, rows, _captions(segments[is_thing], tops, things, legend))


def _thing_colours(segments: Segments) -> list[Rgb]:
    """Return a colour for each thing: that of its track, so that it keeps it, or of its row."""
    tracks = segments.track_id.tolist()
    return [
        thing_colour((track - 1 if track > 0 else row) % MOST) for row, track in enumerate(tracks)
    ]


def _layers(labels: NDArray[np.int32], colours: NDArray[np.uint8]) -> Layers:
    """Return the layers of labels 1..; those beyond 255 take the colours of the first again."""
    top = int(labels.max(initial=0))
    if top <= MOST:
        index = labels.astype(np.uint8)
        return Layers(index, index, _table(colours))
    index = np.where(labels > 0, (labels - 1) % MOST + 1, 0).astype(np.uint8)
    parts = (labels % 65521).astype(np.uint16)  # a prime: neighbours of one remainder are rare
    return Layers(index, parts, _table(colours))


def _areas(index: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the pixels of each index, (256,) int64; ten times faster than ``np.bincount``."""
    counts = cv2.calcHist([index], [0], None, [MOST + 1], [0, MOST + 1])
    return np.asarray(counts).reshape(-1).astype(np.int64)


def _wrapped(number: int) -> int:
    return (number - 1) % MOST + 1


def _table(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    table = np.zeros((MOST + 1, 3), np.uint8)
    table[1 : len(colours) + 1] = colours[:MOST]
    return table


def _looked_up(numbers: NDArray[np.int32], labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return ``numbers[labels]``; by bytes where they fit, which is several times faster."""
    if len(numbers) > MOST + 1 or numbers.max(initial=0) > MOST:
        return numbers[labels]
    table = np.zeros(MOST + 1, np.uint8)
    table[: len(numbers)] = numbers
    return np.asarray(cv2.LUT(labels.astype(np.uint8), table)).astype(np.int32)


def _rows(segments: Segments, colours: list[Rgb], legend: Legend) -> list[LegendRow]:
    """Return one row a class: its name, with how many where there are several, and its area."""
    rows = []
    for class_id in np.unique(segments.class_id):
        mine = np.flatnonzero(segments.class_id == class_id)
        count = f" x {len(mine)}" if len(mine) > 1 else ""
        shown = tuple(dict.fromkeys(colours[row] for row in mine[:4]))
        area = int(segments.area[mine].sum())
        rows.append(LegendRow(_shown(legend.name(int(class_id))) + count, shown, area))
    return rows


def _boxes(segments: Segments) -> list[tuple[int, list[int]]]:
    edges = np.rint(segments.box).astype(int).tolist()
    return list(zip(segments.id.tolist(), edges, strict=True))


def _top_x(labels: NDArray[np.int32], number: int, box: list[int]) -> float:
    """Return the x of the topmost pixels of a segment, the middle of its box where it has none."""
    x0, y0, x1, _ = (max(edge, 0) for edge in box)
    return x0 + _middle(labels[y0 : y0 + 1, x0:x1] == number)


def _middle(row: NDArray[np.bool_]) -> float:
    places = np.flatnonzero(row)
    return float(places.mean()) if places.size else row.size / 2


def _captions(
    segments: Segments, tops: list[float], colours: list[Rgb], legend: Legend
) -> list[Caption]:
    captions = []
    number_of = np.bincount(segments.class_id)
    worth = (number_of[segments.class_id] <= MANY) | (segments.track_id >= 0)
    order = np.lexsort((-segments.area, -segments.score))
    for row in order[worth[order]]:
        segment = next(iter(segments[np.array([row])]))
        words = [_shown(legend.name(segment.class_id))]
        words += [f"#{segment.track_id}"] if segment.track_id >= 0 else []
        words += [f"{segment.score:.2f}"] if segment.score < 1 else []
        captions.append(Caption(" ".join(words), segment.box, tops[row], colours[row]))
    return captions


def _with_words(layers: Layers, rows: list[LegendRow], captions: list[Caption]) -> Layers:
    kept = sorted((row for row in rows if row.area), key=lambda row: -row.area)
    return Layers(layers.index, layers.parts, layers.colours, tuple(kept), tuple(captions))


def _shown(name: str) -> str:
    """Return a class name without what COCO adds to the names of its stuff.

    >>> _shown("wall-other-merged"), _shown("mirror-stuff"), _shown("dog")
    ('wall', 'mirror', 'dog')
    """
    return name.removesuffix("-merged").removesuffix("-stuff").removesuffix("-other")

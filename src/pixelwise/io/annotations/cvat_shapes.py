"""The shapes of CVAT's XML: masks, polygons and boxes, of pictures and of tracks."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from pixelwise.core import Crop, Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, strictly
from pixelwise.io.annotations.outline import Outline
from pixelwise.io.annotations.xml_text import number_in
from pixelwise.io.format import Reading

__all__ = ["frames_of", "thing_of"]

MOST_FRAMES = 10**6


def frames_of(
    root: Element, legend: Legend, rules: Reading, name: str, each: Each = strictly
) -> Iterator[Sample]:
    """Yield the frames of a video's export, each with what its tracks show there.

    Frames between the first and the last that a track shows have a picture, too.

    Raises:
        InputError: The numbers of the frames are those of no video, or a shape is damaged.
    """
    shown = _shown(root, name)
    if not shown:
        return
    if min(shown) < 0 or max(shown) - min(shown) > MOST_FRAMES:
        raise InputError(f"{name}: frames {min(shown)} to {max(shown)} are no video")
    size, clip = _video(root, name)
    rules.limits.check(size[1], size[0], 1)

    def read(row: tuple[int, Element, Element]) -> Drawn | None:
        number, track, shape = row
        where = f"{name}: track[{number}].{shape.tag}"
        thing = thing_of(shape, legend, track.get("label", ""), size, where)
        if thing is not None:
            thing.track = number
        return thing

    for frame in range(min(shown), max(shown) + 1):
        things = [thing for thing in each(shown.get(frame, []), read) if thing is not None]
        result, outlines = collected(things, size, legend)
        yield Sample(
            name=f"{clip}/{frame:06d}.jpg",
            result=result,
            outlines=outlines,
            clip=clip,
            frame=frame,
        )


def _shown(root: Element, name: str) -> dict[int, list[tuple[int, Element, Element]]]:
    """Return frame -> number of the track, the track, and its shape there."""
    shown: dict[int, list[tuple[int, Element, Element]]] = {}
    for number, track in enumerate(root.iter("track")):
        for shape in track:
            if shape.get("outside") != "1" and shape.get("frame") is not None:
                frame = int(number_in(shape, "frame", f"{name}: track[{number}]"))
                shown.setdefault(frame, []).append((number, track, shape))
    return shown


def _video(root: Element, name: str) -> tuple[tuple[int, int], str]:
    """Return size and name of the video."""
    told = next(root.iter("original_size"), None)
    sides = ["" if told is None else (told.findtext(key) or "") for key in ("height", "width")]
    if not all(side.strip().isdecimal() and int(side[:9]) > 0 for side in sides):
        raise InputError(f"{name}: tracks need <original_size> with height and width of the video")
    task = next((row.findtext("name") for row in root.iter("task")), None)
    clip = (task or "video").replace("/", "-").strip(". ") or "video"
    return (int(sides[0][:9]), int(sides[1][:9])), clip


def thing_of(
    shape: Element, legend: Legend, label: str, size: tuple[int, int], where: str
) -> Drawn | None:
    """Return a shape as an object; None for shapes without an area.

    Raises:
        InputError: It is damaged.
    """
    if shape.tag not in ("mask", "polygon", "box"):
        return None
    kind = legend.id_of(label)
    if shape.tag == "mask":
        return Drawn(class_id=kind, crop=_mask(shape, size, where))
    if shape.tag == "box":
        x0, y0, x1, y1 = (number_in(shape, key, where) for key in ("xtl", "ytl", "xbr", "ybr"))
        ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    else:
        ring = _points(shape.get("points", ""), where)
    try:
        outline = Outline.of_rings([ring])
        return Drawn(class_id=kind, crop=outline.crop(size), outline=outline)
    except InputError as error:
        raise InputError(f"{where}: {error}", reason=error.reason) from error


def _points(text: str, where: str) -> list[list[float]]:
    try:
        ring = [[float(part) for part in pair.split(",")] for pair in text.split(";")]
    except ValueError as error:
        raise InputError(f"{where}: expected x,y;x,y;..., not {text[:60]!r}") from error
    if len(ring) < 3 or any(len(pair) != 2 for pair in ring):
        raise InputError(f"{where}: expected three points or more as x,y;x,y;...")
    return ring


def _mask(shape: Element, size: tuple[int, int], where: str) -> Crop:
    left, top, width, height = (
        int(number_in(shape, key, where)) for key in ("left", "top", "width", "height")
    )
    inside = left >= 0 and top >= 0 and left + width <= size[1] and top + height <= size[0]
    if not inside or width < 1 or height < 1:
        raise InputError(f"{where}: the mask leaves the picture")
    parts = shape.get("rle", "").split(",")
    if not all(part.strip().isdecimal() and len(part) < 12 for part in parts):
        raise InputError(f"{where}: expected run lengths with commas")
    counts = np.array([int(part) for part in parts], np.int64)
    if int(counts.sum()) != width * height:
        raise InputError(f"{where}: run lengths add up to {counts.sum()}, not {width} x {height}")
    ones = np.zeros(len(counts), bool)
    ones[1::2] = True
    inner = Crop.of(np.repeat(ones, counts).reshape(height, width))
    return Crop((inner.origin[0] + top, inner.origin[1] + left), inner.mask)

"""SVG: a drawing a picture, one group an object, its pieces as even-odd paths."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, strictly
from pixelwise.io.annotations.outline import Outline, Ring
from pixelwise.io.annotations.outline_files import OutlineFiles
from pixelwise.io.annotations.xml_text import escaped, lawful_xml, number_in
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["SVG", "Svg"]

SPACE = "http://www.w3.org/2000/svg"
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
TOKEN = re.compile(rf"[MLHVZz]|{NUMBER}|[^\s,]")
FEW = {"M": 2, "L": 2, "H": 1, "V": 1}


class Svg(OutlineFiles):
    """``<stem>.svg``; a ``g`` with ``data-class`` for each object."""

    title: ClassVar[str] = "SVG"
    layout: ClassVar[str] = "*.svg, classes.json"
    ending: ClassVar[str] = ".svg"

    def document(self, sample: Sample) -> str:
        """Return the drawing of a picture."""
        return _document(sample)

    def names_in(self, path: Path, rules: Reading) -> Iterator[str]:
        """Yield the class of every group."""
        for group in _groups(_root(path, rules)):
            yield group.get("data-class", "")

    def sample_in(
        self, path: Path, stem: str, legend: Legend, rules: Reading, each: Each = strictly
    ) -> Sample:
        """Return the picture that a drawing speaks of.

        Raises:
            InputError: The drawing is none of a picture.
        """
        root = _root(path, rules)
        height, width = (int(number_in(root, key, str(path))) for key in ("height", "width"))
        if min(height, width) < 1:
            raise InputError(f"{path}: a picture of {width} x {height} is not lawful")
        rules.limits.check(width, height, 1)
        things = each(
            enumerate(_groups(root)),
            lambda row: _thing(row[1], legend, (height, width), f"{path}: g[{row[0]}]"),
        )
        result, outlines = collected(things, (height, width), legend)
        name = root.get("data-picture", f"{stem}.jpg")
        return Sample(name=name, result=result, outlines=outlines)


def _document(sample: Sample) -> str:
    height, width = sample.size
    groups = "".join(_group(sample, row) for row in range(len(sample.objects)))
    return (
        f'<svg xmlns="{SPACE}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'data-picture="{escaped(sample.name)}">\n{groups}</svg>\n'
    )


def _group(sample: Sample, row: int) -> str:
    table = sample.objects.segments
    kind = sample.objects.legend[int(table.class_id[row])]
    paths = "".join(
        f'<path fill-rule="evenodd" d="{"".join(map(_path, piece))}"/>'
        for piece in sample.outline(row).pieces
    )
    colour = "#" + "".join(f"{part:02x}" for part in kind.colour)
    return (
        f'<g fill="{colour}" fill-opacity="0.5" data-class="{escaped(kind.name)}" '
        f'data-id="{table.id[row]}" data-score="{float(table.score[row])!r}" '
        f'data-track="{table.track_id[row]}" data-crowd="{int(table.crowd[row])}">{paths}</g>\n'
    )


def _path(ring: Ring) -> str:
    points = " ".join(f"{x!r} {y!r}" for x, y in ring.tolist())
    return f"M{points}Z"


def _root(path: Path, rules: Reading) -> Element:
    return lawful_xml(read_bytes(path, rules.limits.file_bytes), str(path))


def _groups(root: Element) -> Iterator[Element]:
    for child in root.iter():
        if child.get("data-class") is not None:
            yield child


def _thing(group: Element, legend: Legend, size: tuple[int, int], where: str) -> Drawn:
    paths = [node.get("d", "") for node in group.iter() if node.get("d") is not None]
    outline = Outline(tuple(tuple(rings_of(text, where)) for text in paths))
    told = {
        key: number_in(group, f"data-{key}", where) for key in ("id", "score", "track", "crowd")
    }
    return Drawn(
        class_id=legend.id_of(group.get("data-class", "")),
        crop=outline.crop(size),
        outline=outline,
        id=int(told["id"]),
        score=min(max(told["score"], 0.0), 1.0),
        track=int(told["track"]),
        crowd=told["crowd"] > 0,
    )


def rings_of(text: str, where: str) -> list[Ring]:
    """Return the rings of a path of straight lines: M L H V Z with absolute numbers.

    Raises:
        InputError: It has other commands, such as curves.

    >>> [ring.tolist() for ring in rings_of("M0 0H2V1H0Z", "x")]
    [[[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]]
    """
    rings: list[list[tuple[float, float]]] = []
    command, numbers = "", list[float]()
    for word in TOKEN.findall(text):
        if word in "MLHVZz":
            command = word
            if word == "M":
                rings.append([])
            continue
        begun = command == "M" or (command in FEW and any(rings[-1:]))
        if not begun or not re.fullmatch(NUMBER, word):
            raise InputError(f"{where}: expected a path of M L H V Z, not {word[:20]!r}")
        numbers.append(float(word))
        if len(numbers) == FEW[command]:
            rings[-1].append(_next(command, numbers, rings[-1]))
            numbers = []
    return [np.array(ring, np.float64) for ring in rings if ring]


def _next(
    command: str, numbers: list[float], ring: list[tuple[float, float]]
) -> tuple[float, float]:
    if command == "H":
        return (numbers[0], ring[-1][1])
    if command == "V":
        return (ring[-1][0], numbers[0])
    return (numbers[0], numbers[1])


SVG = Svg()

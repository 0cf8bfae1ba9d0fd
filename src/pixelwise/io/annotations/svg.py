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
from pixelwise.io.annotations.outline import Outline, Ring
from pixelwise.io.annotations.outline_files import OutlineFiles
from pixelwise.io.annotations.xml_text import escaped, lawful_xml, number_in
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["SVG", "Svg"]

SPACE = "http://www.w3.org/2000/svg"
TOKEN = re.compile(r"[MLHVZz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[^\s,]")
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

    def sample_in(self, path: Path, stem: str, legend: Legend, rules: Reading) -> Sample:
        """Return the picture that a drawing speaks of."""
        return _sample(stem, path, legend, rules)


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


def _sample(stem: str, path: Path, legend: Legend, rules: Reading) -> Sample:
    root = _root(path, rules)
    size = (int(number_in(root, "height", str(path))), int(number_in(root, "width", str(path))))
    if min(size) < 1:
        raise InputError(f"{path}: a picture of {size[1]} x {size[0]} is not lawful")
    rules.limits.check(size[1], size[0], 1)
    things = [
        _thing(group, legend, size, f"{path}: g[{number}]")
        for number, group in enumerate(_groups(root))
    ]
    result, outlines = collected(things, size, legend)
    name = root.get("data-picture", f"{stem}.jpg")
    return Sample(name=name, result=result, outlines=outlines)


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
        if command not in FEW or not re.fullmatch(r"[-+.\deE]+", word):
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

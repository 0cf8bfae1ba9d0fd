"""Hugging Face folder layout: ``metadata.jsonl`` with a mask file for each picture."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from pixelwise.core import Legend, LegendClass, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample, lawful
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.legend_file import numbered
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import read_labels, write_grey
from pixelwise.io.annotations.objects import classes_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["HUGGING_FACE", "HuggingFace"]

ROWS, NAMES = "metadata.jsonl", "id2label.json"
MASK = "mask_file_name"
VOID, DEEP_VOID = 255, 65535


class HuggingFace(Annotations):
    """``datasets.load_dataset("imagefolder")``: file_name and mask_file_name in each row."""

    title: ClassVar[str] = "Hugging Face folder"
    layout: ClassVar[str] = "metadata.jsonl masks/*.png id2label.json"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.NONE, overlaps=False, background=True, void=True
    )

    def sniff(self, place: Path) -> bool:
        """Whether ``metadata.jsonl`` names masks."""
        path = place / ROWS
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return MASK.encode() in file.readline(65536)

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return class maps; without ``id2label.json`` classes are called by their numbers."""
        legend = _legend(place / NAMES, rules)
        samples = (_sample(place, row, legend, rules) for row in _rows(place, rules))
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write maps whose numbers are the places in ``id2label.json``."""
        legend = dataset.legend
        deep = len(legend) > VOID
        void = DEEP_VOID if deep else VOID
        order = {row.id: number for number, row in enumerate(legend)}
        nothing = next((order[row.id] for row in legend if row.name == "background"), void)
        names = {str(order[row.id]): row.name for row in legend}
        place.mkdir(parents=True, exist_ok=True)
        write_bytes(place / NAMES, json.dumps(names, indent=1).encode())
        lookup = np.full(max([*order, 0]) + 2, void, np.int32)
        lookup[list(order)] = list(order.values())
        lines = []
        for sample in dataset:
            lookup[-1] = void if sample.unclaimed_is_void else nothing
            mask = f"masks/{sample.stem}.png"
            write_grey(place / mask, lookup[classes_of(sample.objects, -1)], deep=deep)
            lines.append(json.dumps({"file_name": sample.name, MASK: mask}) + "\n")
        write_bytes(place / ROWS, "".join(lines).encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, row by row."""
        legend = _legend(place / NAMES, rules)
        yield from faults_of_all(
            _rows(place, rules), lambda row: _sample(place, row, legend, rules)
        )


def _legend(path: Path, rules: Reading) -> Legend:
    if not path.is_file():
        return numbered()
    top = Reader(lawful_json(read_bytes(path, rules.limits.text_bytes), str(path)), f"{path}: $")
    if not all(key.isdecimal() and len(key) < 6 for key in top.value):
        raise InputError(f"{path}: expected numbers as keys")
    rows = tuple(
        LegendClass(int(key), top.text(key), spread_colour(int(key)), is_thing=False)
        for key in sorted(top.value, key=int)
    )
    return Legend(rows, VOID if all(row.id < VOID for row in rows) else DEEP_VOID)


def _rows(place: Path, rules: Reading) -> Iterator[Reader]:
    path = place / ROWS
    lines = read_bytes(path, rules.limits.file_bytes).splitlines()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}: line {number}"
            yield Reader(lawful_json(line, where), where)


def _sample(place: Path, row: Reader, legend: Legend, rules: Reading) -> Sample:
    path = place / lawful(row.text(MASK))
    labels = read_labels(path, rules)
    try:
        return Sample(name=row.text("file_name"), result=Semantic(labels, legend))
    except InputError as error:
        raise InputError(f"{path}: {error}", reason=error.reason) from error


HUGGING_FACE = HuggingFace()

"""Cityscapes: labelIds, labelTrainIds, instanceIds and polygons of each picture."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend, LegendClass, Panoptic, Segments, Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.cityscapes_polygons import name_in, polygons_of, read_polygons
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.losses import Capacity, Identity
from pixelwise.io.annotations.maps import maps_in, read_labels, write_grey
from pixelwise.io.annotations.objects import classes_of, paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading

__all__ = ["CITYSCAPES", "LEGEND", "Cityscapes"]

IDS, TRAIN_IDS, INSTANCES, POLYGONS = "labelIds", "labelTrainIds", "instanceIds", "polygons"
ENDING = "_gtFine_"
PICTURE = "_leftImg8bit"
PER_CLASS = 1000
"""instanceIds are class x 1000 + number; below 1000 a class without instances or a group."""
IGNORED = 255

_NAMES: dict[str, tuple[tuple[int, int, int], bool]] = {
    "ego vehicle": ((0, 0, 0), False),
    "rectification border": ((0, 0, 0), False),
    "out of roi": ((0, 0, 0), False),
    "static": ((0, 0, 0), False),
    "dynamic": ((111, 74, 0), False),
    "ground": ((81, 0, 81), False),
    "road": ((128, 64, 128), False),
    "sidewalk": ((244, 35, 232), False),
    "parking": ((250, 170, 160), False),
    "rail track": ((230, 150, 140), False),
    "building": ((70, 70, 70), False),
    "wall": ((102, 102, 156), False),
    "fence": ((190, 153, 153), False),
    "guard rail": ((180, 165, 180), False),
    "bridge": ((150, 100, 100), False),
    "tunnel": ((150, 120, 90), False),
    "pole": ((153, 153, 153), False),
    "polegroup": ((153, 153, 153), False),
    "traffic light": ((250, 170, 30), False),
    "traffic sign": ((220, 220, 0), False),
    "vegetation": ((107, 142, 35), False),
    "terrain": ((152, 251, 152), False),
    "sky": ((70, 130, 180), False),
    "person": ((220, 20, 60), True),
    "rider": ((255, 0, 0), True),
    "car": ((0, 0, 142), True),
    "truck": ((0, 0, 70), True),
    "bus": ((0, 60, 100), True),
    "caravan": ((0, 0, 90), True),
    "trailer": ((0, 0, 110), True),
    "train": ((0, 80, 100), True),
    "motorcycle": ((0, 0, 230), True),
    "bicycle": ((119, 11, 32), True),
}
LEGEND = Legend(
    tuple(
        LegendClass(number, name, colour, is_thing)
        for number, (name, (colour, is_thing)) in enumerate(_NAMES.items(), start=1)
    ),
    0,
    "cityscapes-33",
)
"""Ids 1 to 33 as in the files; 0 is unlabeled. cityscapesScripts."""


class Cityscapes(Annotations):
    """``<stem>_gtFine_labelIds.png`` and its kin."""

    title: ClassVar[str] = "Cityscapes"
    layout: ClassVar[str] = "<city>/<stem>_gtFine_{labelIds,labelTrainIds,instanceIds}.png, .json"
    capacity: ClassVar[Capacity] = Capacity(
        identity=Identity.THINGS,
        legend=LEGEND,
        overlaps=False,
        crowd=True,
        void=True,
        most_of_class=PER_CLASS,
    )

    def sniff(self, place: Path) -> bool:
        """Whether a file of the folder ends like a Cityscapes label."""
        return place.is_dir() and next(place.rglob("*_gt*_*Ids.png"), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures: instances where they are, else classes; else the polygons.

        Raises:
            InputError: No file has the names of Cityscapes.
        """
        stems = _stems(place)
        if not stems:
            raise InputError(f"{place}: expected files that end in _gtFine_labelIds.png, none do")
        return Dataset(legend=LEGEND, samples=_samples(place, stems, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write all four files of each picture."""
        for sample in dataset:
            _write_sample(place, sample)

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, picture by picture."""
        for stem, kind in _stems(place).items():
            yield from gathered(stem, partial(_sample, place, stem, kind, rules))


def _write_sample(place: Path, sample: Sample) -> None:
    stem = f"{sample.stem.removesuffix(PICTURE)}{ENDING}"
    objects = sample.objects
    table = objects.segments
    things = np.isin(table.class_id, list(LEGEND.things)) & ~table.crowd
    values = table.class_id.copy()
    for kind in set(table.class_id[things].tolist()):
        rows = np.flatnonzero(things & (table.class_id == kind))
        values[rows] = kind * PER_CLASS + np.arange(len(rows))
    ids = classes_of(objects, 0)
    write_grey(place / f"{stem}{IDS}.png", ids)
    write_grey(place / f"{stem}{TRAIN_IDS}.png", train_ids()[ids])
    write_grey(place / f"{stem}{INSTANCES}.png", paint(objects, values, 0), deep=True)
    text = json.dumps(polygons_of(sample), separators=(",", ":"))
    write_bytes(place / f"{stem}{POLYGONS}.json", text.encode())


def train_ids() -> NDArray[np.int32]:
    """Return label id -> train id, (34,) int32; 255 where a class is not trained.

    >>> train_ids()[[7, 24, 33, 0]].tolist()
    [0, 11, 18, 255]
    """
    table = np.full(34, IGNORED, np.int32)
    for row in Legend.official("cityscapes-19"):
        table[LEGEND.id_of(row.name)] = row.id
    return table


def _stems(place: Path) -> dict[str, str]:
    """Return what is there: stem -> the kind of file that says most."""
    found: dict[str, str] = {}
    for kind in (POLYGONS, TRAIN_IDS, IDS, INSTANCES):
        ending = f"_{kind}.{'json' if kind == POLYGONS else 'png'}"
        for stem, _ in maps_in(place, ending):
            found[stem] = kind
    return dict(sorted(found.items()))


def _samples(place: Path, stems: dict[str, str], rules: Reading) -> Iterator[Sample]:
    for stem, kind in stems.items():
        yield _sample(place, stem, kind, rules)


def _sample(place: Path, stem: str, kind: str, rules: Reading, each: Each = strictly) -> Sample:
    polygons = place / f"{stem}_{POLYGONS}.json"
    name = f"{stem.rpartition('_gt')[0]}{PICTURE}.png"
    if polygons.is_file():
        name = name_in(polygons, rules) or name
    if kind == POLYGONS:
        result, outlines = read_polygons(polygons, LEGEND, rules, each)
        return Sample(name=name, result=result, outlines=outlines, unclaimed_is_void=True)
    labels = read_labels(place / f"{stem}_{kind}.png", rules)
    made: Any = {IDS: _semantic, TRAIN_IDS: _from_train_ids, INSTANCES: _panoptic}[kind]
    return Sample(name=name, result=made(labels, place / f"{stem}_{kind}.png"))


def _semantic(labels: NDArray[np.int32], path: Path) -> Semantic:
    labels = np.where(labels == IGNORED, 0, labels)
    _check(labels, path)
    return Semantic(labels, LEGEND)


def _from_train_ids(labels: NDArray[np.int32], path: Path) -> Semantic:
    table = np.zeros(256, np.int32)
    for row in Legend.official("cityscapes-19"):
        table[row.id] = LEGEND.id_of(row.name)
    if labels.size and labels.max() > IGNORED:
        raise InputError(f"{path}: {int(labels.max())} is no train id")
    return Semantic(table[labels], LEGEND)


def _panoptic(labels: NDArray[np.int32], path: Path) -> Panoptic:
    labels = np.where((labels == IGNORED) | (labels == 65535), 0, labels)
    ids, areas = np.unique(labels, return_counts=True)
    ids, areas = ids[ids > 0], areas[ids > 0]
    kinds = np.where(ids >= PER_CLASS, ids // PER_CLASS, ids)
    _check(kinds, path)
    crowd = (ids < PER_CLASS) & np.isin(kinds, list(LEGEND.things))
    table = Segments.of(kinds, id=ids, area=areas).with_columns(crowd=crowd)
    return Panoptic(labels, table, LEGEND)


def _check(kinds: NDArray[np.int32], path: Path) -> None:
    if kinds.size and int(kinds.max()) > 33:
        raise InputError(f"{path}: {int(kinds.max())} is no label of Cityscapes")


CITYSCAPES = Cityscapes()

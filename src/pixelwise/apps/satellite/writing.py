"""What is written of a finished map."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.areas import HECTARE, ClassArea, Ground, table_csv
from pixelwise.apps.satellite.change import (
    change_legend,
    change_strips,
    transitions,
    transitions_csv,
)
from pixelwise.apps.satellite.choosing import OBJECTS, Choice
from pixelwise.apps.satellite.job import Done, LabelMap, MapJob, made_map
from pixelwise.apps.satellite.mapping import Layer, Scratch
from pixelwise.apps.satellite.objects import Objects
from pixelwise.apps.satellite.parts import numbered_parts
from pixelwise.apps.satellite.picture import picture_of
from pixelwise.apps.satellite.polygons import Shapes, polygons_of, regularised, simplified
from pixelwise.apps.satellite.segments import write_segments
from pixelwise.apps.satellite.things import things_csv
from pixelwise.errors import UsageError
from pixelwise.io.atomic import make_folder, replacing, write_bytes
from pixelwise.io.files import write
from pixelwise.io.rasters.categories import categories_path, write_categories
from pixelwise.io.rasters.labels import write_labels
from pixelwise.io.rasters.raster import Raster
from pixelwise.io.rasters.vectors import SUFFIXES, Features, write_polygons

__all__ = ["KINDS", "Wanted", "Written", "run_map"]

NO_THINGS = "--save things needs a network that tells things apart: --model NAME"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was done.

    Args:
        done: The map.
        files: What was written.
        areas: Pixels and area of each class.
        changes: Of each pair of classes; empty without an earlier date.
    """

    done: Done
    files: tuple[Path, ...]
    areas: tuple[ClassArea, ...]
    changes: tuple[ClassArea, ...]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How results are written.

    Args:
        output: A file, whose suffix says what, or a folder.
        kinds: For a folder: rows of KINDS; none: labels, areas and overlay, and of things their
            numbers and their list.
        simplify: Tolerance for polygons, in pixels; 0: exact.
        regular: Tolerance for polygons with right angles, in pixels; 0: other angles, too.
        least_m2: Polygons smaller than this are left out.
    """

    output: Path
    kinds: tuple[str, ...] = ()
    simplify: float = 0.0
    regular: float = 0.0
    least_m2: float = 0.0


@dataclass(frozen=True, eq=False)
class _Task:
    job: MapJob
    wanted: Wanted
    done: Done
    areas: list[ClassArea]


def run_map(job: MapJob, wanted: Wanted) -> Written:
    """Map, measure and write.

    Raises:
        UsageError: The options do not make sense together.
        InputError: A file cannot be read, or has not the bands.
        OutputError: A result cannot be written.
    """
    suffix = wanted.output.suffix.lower()
    files = {".tif": "labels", ".tiff": "labels", ".csv": "areas", ".png": "overlay"}
    files |= dict.fromkeys(SUFFIXES, "polygons")
    if suffix and suffix not in files:
        raise UsageError(f"-o must be a folder, or end in {', '.join(files)}, not {suffix}")
    _check_kinds(wanted.kinds, job.choice)
    if wanted.simplify and wanted.regular:
        raise UsageError("--simplify keeps borders shared, --regular right angles: choose one")
    inputs = {path.resolve() for path in (*job.sources, *job.before)}
    if wanted.output.resolve() in inputs:
        raise UsageError(f"{wanted.output}: the output is an input; give another name with -o")
    make_folder(wanted.output.parent if suffix else wanted.output)
    scratch = wanted.output.parent / f".{wanted.output.name}.tiles"
    if not suffix:
        scratch = wanted.output / ".tiles"
    done = made_map(job, scratch)
    task = _Task(job, wanted, done, done.now.areas())
    if suffix:
        made = KINDS[files[suffix]](task, wanted.output)
    else:
        usual = USUAL if done.now.things is None else (*USUAL, *TOLD_APART)
        made = [
            path
            for kind in wanted.kinds or usual
            for path in KINDS[kind](task, wanted.output / NAMES[kind])
        ]
    changes, more = _changed(task, wanted.output.with_suffix("") if suffix else wanted.output)
    Scratch(scratch, None).remove()
    return Written(done=done, files=(*made, *more), areas=tuple(task.areas), changes=tuple(changes))


def _check_kinds(kinds: tuple[str, ...], choice: Choice) -> None:
    """Raise UsageError, before hours of work, where something is asked for that will not be."""
    unknown = set(kinds) - set(KINDS)
    if unknown:
        raise UsageError(f"--save knows {', '.join(KINDS)}, not {', '.join(sorted(unknown))}")
    if "segments" in kinds and choice.method != OBJECTS:
        raise UsageError(f"--save segments needs segments: --method {OBJECTS}")
    if "things" in kinds and choice.model is None:
        raise UsageError(NO_THINGS)


def _labels(task: _Task, path: Path) -> list[Path]:
    _copied(task.done.now.path, path)
    write_categories(path, task.done.now.legend)
    return [path, categories_path(path)]


def _copied(source: Path, path: Path) -> None:
    with replacing(path) as part:
        copyfile(source, part)


def _areas(task: _Task, path: Path) -> list[Path]:
    write_bytes(path, table_csv(task.areas).encode())
    return [path]


def _overlay(task: _Task, path: Path) -> list[Path]:
    write(path, picture_of(task.job.sources, task.done.bands, task.done.now))
    return [path]


def _polygons(task: _Task, path: Path) -> list[Path]:
    made = task.done.now
    if made.things is None:
        found = polygons_of(made.strips(), made.legend.void)
    else:
        found = polygons_of(made.numbers(), 0)
    if task.wanted.simplify:
        found = _all_simplified(list(found), task.wanted.simplify)
    if task.wanted.regular:
        found = (regularised(one, task.wanted.regular) for one in found)
    ground, least = made.ground, task.wanted.least_m2
    write_polygons(path, (_features(one, made, ground, least) for one in found), made.space)
    return [path]


def _all_simplified(every: list[Shapes], tolerance: float) -> Iterator[Shapes]:
    if every:
        whole = Shapes(*(np.concatenate(column) for column in zip(*every, strict=True)))
        yield simplified(whole, tolerance)


def _features(found: Shapes, made: LabelMap, ground: Ground | None, least_m2: float) -> Features:
    """Return polygons with their class; of things with their number and score, too."""
    label = found.label
    columns: dict[str, NDArray[Any]] = {}
    if made.things is not None:
        columns = {"number": label.astype(np.int32), "score": made.things.score[label]}
        label = made.things.class_id[label].astype(np.int64)
    names = {row.id: row.name for row in made.legend}
    columns["label"] = label.astype(np.int32)
    columns["class"] = np.array([names[one] for one in label.tolist()], object)
    kept = np.ones(len(label), bool)
    if ground is not None:
        metres = ground.polygons(found.shape)
        columns["area_ha"] = metres / HECTARE
        kept = metres >= least_m2
    return Features(found.shape[kept], {name: values[kept] for name, values in columns.items()})


def _parts(task: _Task, path: Path) -> list[Path]:
    made = task.done.now
    if made.things is not None:
        _copied(made.things.path, path)
        return [path]
    strips = numbered_parts(made.strips, made.legend.void)
    write_labels(path, strips, made.grid, None)
    return [path]


def _things(task: _Task, path: Path) -> list[Path]:
    made = task.done.now
    if made.things is None:
        raise UsageError(NO_THINGS)
    write_bytes(path, things_csv(made.things, made.legend, made.ground).encode())
    return [path]


def _segments(task: _Task, path: Path) -> list[Path]:
    done, objects = task.done, cast("Objects", task.done.mapper)
    with Raster(task.job.sources) as raster:
        return write_segments(Layer.again(raster, done.bands), objects, done.now, path)


def _changed(task: _Task, stem: Path) -> tuple[list[ClassArea], list[Path]]:
    """Write the map and the table of changes, where there are two dates."""
    before, now = task.done.before, task.done.now
    if before is None:
        return [], []
    place = stem if stem.is_dir() else stem.parent
    head = "" if stem.is_dir() else f"{stem.name}."
    table, picture = place / f"{head}transitions.csv", place / f"{head}change.tif"
    rows = transitions(before, now)
    write_bytes(table, transitions_csv(rows, now.legend).encode())
    legend = change_legend(now.legend)
    write_labels(picture, change_strips(before, now), now.grid, legend)
    return rows, [table, picture]


KINDS: Mapping[str, Callable[[_Task, Path], list[Path]]] = {
    "labels": _labels,
    "polygons": _polygons,
    "areas": _areas,
    "overlay": _overlay,
    "parts": _parts,
    "things": _things,
    "segments": _segments,
}
"""Word of ``--save`` -> what writes it."""
NAMES = {
    "labels": "labels.tif",
    "polygons": "polygons.gpkg",
    "areas": "areas.csv",
    "overlay": "overlay.png",
    "parts": "parts.tif",
    "things": "things.csv",
    "segments": "segments.tif",
}
"""Word of ``--save`` -> name of the file in a folder."""
USUAL, TOLD_APART = ("labels", "areas", "overlay"), ("parts", "things")
"""What is written when nobody says what, and beside it of things."""

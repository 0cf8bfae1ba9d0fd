"""MOTS and MOT: text files of a video, a line an object and frame; masks, or boxes only."""

from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from pixelwise.core import Crop, Legend, LegendClass, Rle, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations.clips import TrackNumbers, clips, frame_of, one_size
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.legend_file import legend_beside, write_legend
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.runs import crop_of, rle_of
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["MOT", "MOTS", "Mot", "Mots"]

LEGEND = Legend(
    (
        LegendClass(1, "car", (0, 0, 142), is_thing=True),
        LegendClass(2, "pedestrian", (220, 20, 60), is_thing=True),
    )
)
PER_CLASS = 1000
IGNORED = 10
"""Class of regions that are not judged; as a crowd of every class here it is left out."""
SEQUENCE = "seqinfo.ini"
FRAMES = "frames.txt"
BOXES = "**/gt/gt.txt"
Row = tuple[int, int, int, Crop]
"""Frame, track, class, mask."""
Known = tuple[int, tuple[int, int], str]
"""Frame, size of the picture, its name."""


class Mots(Annotations):
    """``<clip>.txt`` with ``frame id class height width rle``; id = class x 1000 + number."""

    title: ClassVar[str] = "MOTS"
    layout: ClassVar[str] = "instances_txt/<clip>.txt"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, track=True)

    def sniff(self, place: Path) -> bool:
        """Whether ``instances_txt`` is there."""
        return (place / "instances_txt").is_dir()

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the frames that have objects, and those that ``frames.txt`` names."""
        legend = legend_beside(place, rules) or LEGEND
        return Dataset(legend=legend, samples=_mots(place, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a text a clip, the classes, and which frames there are."""
        write_legend(place, dataset.legend)
        lengths = []
        for clip, frames in clips(dataset):
            numbers = {row.id: TrackNumbers() for row in dataset.legend}
            lines = []
            for place_, frame in enumerate(frames):
                lines += _mots_lines(frame, frame_of(frame, place_), numbers)
                height, width = frame.size
                number = frame_of(frame, place_)
                lengths.append(f"{number} {height} {width} {clip} {frame.name}\n")
            path = place / "instances_txt" / f"{clip}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, "".join(lines).encode())
        write_bytes(place / FRAMES, "".join(lengths).encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, line by line."""
        legend = legend_beside(place, rules) or LEGEND
        known = _frames(place, rules)
        for clip, path in maps_in(place / "instances_txt", ".txt"):
            read = partial(_mots_clip, clip, path, known.get(clip, []), (legend, rules))
            yield from gathered(str(path), read)


def _mots_lines(frame: Sample, number: int, numbers: dict[int, TrackNumbers]) -> list[str]:
    table, (height, width) = frame.objects.segments, frame.size
    lines = []
    for row, crop in enumerate(frame.objects.crops):
        kind = int(table.class_id[row])
        track = kind * PER_CLASS + numbers[kind].of(int(table.track_id[row]))
        text = rle_of(crop, frame.size).text
        lines.append(f"{number} {track} {kind} {height} {width} {text}\n")
    return lines


def _mots(place: Path, legend: Legend, rules: Reading) -> Iterator[Sample]:
    known = _frames(place, rules)
    for clip, path in maps_in(place / "instances_txt", ".txt"):
        yield from _mots_clip(clip, path, known.get(clip, []), (legend, rules), strictly)


def _mots_clip(
    clip: str, path: Path, known: list[Known], rules: tuple[Legend, Reading], each: Each
) -> Iterator[Sample]:
    """Yield the frames of a clip, of which those that are known may have no object."""
    found: dict[int, list[Row]] = {number: [] for number, _, _ in known}
    sizes = {number: size for number, size, _ in known}
    names = {number: name for number, _, name in known}
    for row, size in each(_numbered(path, rules[1]), lambda line: _mots_row(line, path, rules)):
        sizes[row[0]] = size
        found.setdefault(row[0], [])
        if row[2] != IGNORED or IGNORED in rules[0].ids:
            found[row[0]].append(row)
    for number in sorted(found):
        name = names.get(number, f"{clip}/{number:06d}.jpg")
        yield _frame(name, clip, number, (found[number], sizes[number]), rules[0])


def _frames(place: Path, rules: Reading) -> dict[str, list[Known]]:
    known: dict[str, list[Known]] = {}
    path = place / FRAMES
    for count, line in _numbered(path, rules) if path.is_file() else ():
        parts = line.split(" ", 4)
        if len(parts) != 5 or not all(part.isdecimal() and len(part) < 10 for part in parts[:3]):
            raise InputError(f"{path}: line {count}: expected frame height width clip name")
        number, height, width = (int(part) for part in parts[:3])
        rules.limits.check(width, height, 1)
        known.setdefault(parts[3], []).append((number, (height, width), parts[4]))
    return known


def _mots_row(
    line: tuple[int, str], path: Path, rules: tuple[Legend, Reading]
) -> tuple[Row, tuple[int, int]]:
    where, parts = f"{path}: line {line[0]}", line[1].split(" ")
    if len(parts) != 6 or not all(part.isdecimal() and len(part) < 10 for part in parts[:5]):
        raise InputError(f"{where}: expected frame id class height width rle, not {line[1][:60]!r}")
    frame, track, kind, height, width = (int(part) for part in parts[:5])
    rules[1].limits.check(width, height, 1)
    if kind not in rules[0].ids and kind != IGNORED:
        raise InputError(f"{where}: there is no class {kind}")
    try:
        crop = crop_of(Rle.parse((height, width), parts[5]))
    except InputError as error:
        raise InputError(f"{where}: {error}", reason=error.reason) from error
    return (frame, track, kind, crop), (height, width)


def _frame(
    name: str, clip: str, number: int, rows: tuple[list[Row], tuple[int, int]], legend: Legend
) -> Sample:
    found, size = rows
    table = Segments.of([row[2] for row in found], track_id=[row[1] for row in found])
    result = instances_of(table, [row[3] for row in found], size, legend)
    return Sample(name=name, result=result, clip=clip, frame=number)


class Mot(Annotations):
    """``<clip>/gt/gt.txt`` of boxes and ``<clip>/seqinfo.ini``."""

    title: ClassVar[str] = "MOT"
    layout: ClassVar[str] = "<clip>/gt/gt.txt <clip>/seqinfo.ini"
    capacity: ClassVar[Capacity] = Capacity(boxes=True, track=True)

    def sniff(self, place: Path) -> bool:
        """Whether a clip has its ``gt.txt``."""
        return next(place.glob(BOXES), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the frames, boxes for masks."""
        legend = legend_beside(place, rules) or LEGEND
        return Dataset(legend=legend, samples=_mot(place, legend, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a text a clip; frames count from 1."""
        write_legend(place, dataset.legend)
        for clip, frames in clips(dataset):
            height, width = one_size(clip, frames)
            numbers, lines = TrackNumbers(), []
            for number, frame in enumerate(frames, start=1):
                table = frame.objects.segments
                for row, crop in enumerate(frame.objects.crops):
                    x0, y0, x1, y1 = crop.box
                    track = numbers.of(int(table.track_id[row]))
                    kind = int(table.class_id[row])
                    box = f"{x0 + 1},{y0 + 1},{x1 - x0},{y1 - y0}"
                    lines.append(f"{number},{track},{box},1,{kind},1\n")
            (place / clip / "gt").mkdir(parents=True, exist_ok=True)
            write_bytes(place / clip / "gt" / "gt.txt", "".join(lines).encode())
            text = (
                f"[Sequence]\nname={clip}\nimDir=img1\nframeRate=30\nseqLength={len(frames)}\n"
                f"imWidth={width}\nimHeight={height}\nimExt=.jpg\n"
            )
            write_bytes(place / clip / SEQUENCE, text.encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, line by line."""
        legend = legend_beside(place, rules) or LEGEND
        for path in sorted(place.glob(BOXES)):
            yield from gathered(str(path), partial(_mot_clip, place, path, legend, rules))


def _mot(place: Path, legend: Legend, rules: Reading) -> Iterator[Sample]:
    for path in sorted(place.glob(BOXES)):
        yield from _mot_clip(place, path, legend, rules, strictly)


def _mot_clip(
    place: Path, path: Path, legend: Legend, rules: Reading, each: Each
) -> Iterator[Sample]:
    folder = path.parent.parent
    clip = folder.relative_to(place).as_posix().strip(".") or folder.name
    length, size = _sequence(folder / SEQUENCE, rules)
    found: dict[int, list[Row]] = {}
    for row in each(_numbered(path, rules), lambda line: _mot_row(line, path, size, legend)):
        if row is not None:
            found.setdefault(row[0], []).append(row)
    for number in range(1, length + 1):
        name = f"{clip}/{number:06d}.jpg"
        yield _frame(name, clip, number, (found.get(number, []), size), legend)


def _mot_row(
    line: tuple[int, str], path: Path, size: tuple[int, int], legend: Legend
) -> Row | None:
    where = f"{path}: line {line[0]}"
    try:
        values = [float(part) for part in line[1].split(",")]
    except ValueError as error:
        raise InputError(f"{where}: expected numbers, not {line[1][:60]!r}") from error
    if len(values) < 6 or not all(abs(value) < 1e9 for value in values):
        raise InputError(f"{where}: expected frame,id,x,y,width,height, not {line[1][:60]!r}")
    kind = int(values[7]) if len(values) > 7 and values[7] > 0 else int(legend.ids[0])
    if kind not in legend.ids or (len(values) > 6 and values[6] == 0):
        return None  # MOT's own mark of what is not judged
    edges = np.array(
        [values[2] - 1, values[3] - 1, values[2] + values[4] - 1, values[3] + values[5] - 1]
    )
    x0, y0, x1, y1 = np.clip(np.rint(edges), 0, [size[1], size[0]] * 2).astype(int).tolist()
    mask = np.ones((max(y1 - y0, 0), max(x1 - x0, 0)), bool)
    return int(values[0]), int(values[1]), kind, Crop((y0, x0), mask)


def _sequence(path: Path, rules: Reading) -> tuple[int, tuple[int, int]]:
    table = ConfigParser(interpolation=None)
    try:
        table.read_string(read_bytes(path, rules.limits.text_bytes).decode("utf-8", "replace"))
        length, height, width = (
            table.getint("Sequence", key) for key in ("seqLength", "imHeight", "imWidth")
        )
    except (ConfigError, ValueError) as error:
        raise InputError(f"{path}: expected seqLength, imWidth and imHeight: {error}") from error
    if not 0 < length < 10**7 or min(height, width) < 1:
        raise InputError(f"{path}: {length} frames of {width} x {height} are not lawful")
    rules.limits.check(width, height, 1)
    return length, (height, width)


def _numbered(path: Path, rules: Reading) -> list[tuple[int, str]]:
    """Return the lines that are not empty, each with its number from 1."""
    text = read_bytes(path, rules.limits.file_bytes).decode("utf-8", "replace")
    return [row for row in enumerate(text.splitlines(), start=1) if row[1].strip()]


MOTS, MOT = Mots(), Mot()

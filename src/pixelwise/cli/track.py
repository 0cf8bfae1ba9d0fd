"""pixelwise track: a film in, ids out."""

import json
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pixelwise.apps.surveillance import BACKGROUNDS, Background, Moving
from pixelwise.apps.tracks import (
    OVERLAY,
    SAVES,
    OnlyClasses,
    Several,
    Summary,
    TrackFiles,
    masks_of_file,
    masks_of_prompts,
    places_of,
)
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.catalog.requests import names_in
from pixelwise.cli import options
from pixelwise.cli.exits import emit, one_line, report
from pixelwise.cli.filming import Counted, Rate, film_of, sink_for
from pixelwise.cli.places import marks_of, parse_watch
from pixelwise.cli.progress import Download, Frames
from pixelwise.core import Image, Prompts, Segmenter, Sink, Task, build
from pixelwise.drawing import Trails
from pixelwise.errors import InputError, ModelError, UsageError
from pixelwise.io.video import Film
from pixelwise.pipeline import Report, run
from pixelwise.tracking import TRACKERS
from pixelwise.tracking.propagation import Propagation

__all__ = ["track"]

LOOKED_AT = 5
"""Frames from which is told what moves with a point."""


def track(
    path: Annotated[
        Path, typer.Argument(metavar="IN", help="A video, a folder of pictures or a name_%05d.png.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A video, a .json (COCO video), or a folder.")
    ],
    kinds: Annotated[
        str, typer.Option("--save", help=f"For a folder: comma list of {', '.join(SAVES)}.")
    ] = "overlay,coco-video",
    tracker: Annotated[str, typer.Option(help=f"One of {', '.join(TRACKERS)}.")] = "hybrid-sort",
    rules: Annotated[
        list[str] | None,
        typer.Option("--tracker-set", metavar="KEY=VALUE", help="A setting of the tracker."),
    ] = None,
    task: Annotated[Task, typer.Option(help="instance or panoptic.")] = Task.INSTANCE,
    method: options.Method = None,
    model: options.Model = None,
    settings: options.Settings = None,
    classes: Annotated[
        str, typer.Option(metavar="NAMES", help="Comma list of classes; the others are left out.")
    ] = "",
    moving: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"Whatever moves before a camera that stands still: {', '.join(BACKGROUNDS)}.",
        ),
    ] = None,
    learn: Annotated[
        int, typer.Option(min=0, help="Frames from which --moving learns the ground first.")
    ] = 100,
    mask: Annotated[
        Path | None, typer.Option(help="Mask or labels of the first frame, to be carried on.")
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(metavar="X,Y[:LABEL]", help="A thing in the first frame; may repeat."),
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(metavar="X0,Y0,X1,Y1", help="A thing in the first frame; may repeat."),
    ] = None,
    zone: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=X,Y,X,Y,X,Y...", help="A zone that is watched; may repeat."),
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=X,Y,X,Y", help="A line that is counted over; may repeat."),
    ] = None,
    rate: Rate = None,
    quality: options.Quality = None,
    strict: options.Strict = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Give the things of a film ids that last: a video with ids and trails, MOT, MOTS, COCO video.

    Events at zones and lines are written as lines of JSON beside the other outputs.
    """
    watch = parse_watch(zone or [], line or [])
    source = film_of(path, rate)
    places = _places(source, output, kinds)
    sort = build(TRACKERS[tracker], options.parse_settings(rules or []))
    loading = {"runtime": runtime, "device": device, "threads": threads}
    given = {name: value for name, value in loading.items() if value is not None}
    wish = _Wish(
        mask=mask,
        prompts=options.parse_prompts(point or [], box or [], None),
        background=None if moving is None else BACKGROUNDS[moving](),
        learn=learn,
        classes=names_in(classes),
        request=Request(
            task=task,
            method=method,
            model=model,
            settings={**options.parse_settings(settings or []), **given},
            access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
        ),
    )
    segmenter = wish.segmenter(source)
    marks = marks_of(watch)
    events = _events(output, source.stem) if marks else None
    summary = Summary(watch, events)
    sinks: list[Sink] = [summary, TrackFiles(source.stem, places)]
    if OVERLAY in places:
        sinks.append(sink_for(places[OVERLAY], source, quality, sound=True))
    with Frames(path.name, source.facts.count) as frames:
        done = run(
            Counted(source, frames),
            segmenter,
            Several(sinks),
            tracker=None if isinstance(segmenter, Propagation) else sort,
            show=Trails(marks=marks) if OVERLAY in places else None,
        )
    files = [*places.values(), *([events] if events else [])]
    _say(source, files, done, summary, as_json=as_json)
    if strict and source.damaged_count:
        raise InputError(f"{path}: {source.damaged_count} frames are damaged", reason="damaged")


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What finds the things: a network or method, motion, or what the user points at."""

    mask: Path | None
    prompts: Prompts | None
    background: Background | None
    learn: int
    classes: tuple[str, ...]
    request: Request

    def segmenter(self, source: Film) -> Segmenter:
        """Return it, ready for the first frame of ``source``."""
        request = self.request
        if self.mask is not None or self.prompts is not None:
            return self._carried(list(islice(source, LOOKED_AT)))
        if self.background is not None:
            if request.method or request.model:
                raise UsageError("--moving needs no --method and no --model")
            self.background.learn(islice(source, self.learn))
            return Moving(self.background)
        segmenter = segmenter_for(request)
        return OnlyClasses(segmenter, self.classes) if self.classes else segmenter

    def _carried(self, images: list[Image]) -> Propagation:
        """Return what carries the masks of the first frame; the others show what moves."""
        if self.background is not None or self.classes:
            raise UsageError("--mask, --point and --box go with neither --moving nor --classes")
        if self.mask is not None:
            if self.prompts is not None:
                raise UsageError("give --mask, or --point and --box, not both")
            return Propagation(masks_of_file(self.mask, images[0]))
        is_named = bool(self.request.method or self.request.model)
        prompts = self.prompts or Prompts()
        return Propagation(masks_of_prompts(images, prompts, self._told, by_motion=not is_named))

    def _told(self, one: Prompts) -> Segmenter:
        """Return what cuts one thing out of the first frame."""
        request = replace(self.request, task=None, prompts=one)
        if request.method or request.model:
            return segmenter_for(request)
        if np.size(one.boxes):
            return segmenter_for(replace(request, method="grabcut"))
        report("what is pointed at does not move by itself")
        try:
            return segmenter_for(request)
        except ModelError:
            report("no network is ready that knows it: grown from the point; better give a --box")
            return segmenter_for(replace(request, method="region-growing"))


def _places(film: Film, output: Path, kinds: str) -> dict[str, Path]:
    if output.exists() and film.path.exists() and output.samefile(film.path):
        raise UsageError(f"{output}: the output is the input; give another name with -o")
    return places_of(output, film.stem, names_in(kinds))


def _events(output: Path, stem: str) -> Path:
    folder = output if not output.suffix else output.parent
    return folder / f"{stem}.events.jsonl"


def _say(source: Film, files: list[Path], done: Report, summary: Summary, *, as_json: bool) -> None:
    for note in source.notes:
        report(f"{one_line(source.path)}: {note}")
    speed = done.frames / done.seconds if done.seconds else 0.0
    if as_json:
        entry = {
            "input": str(source.path),
            "files": [str(file) for file in files],
            "frames": done.frames,
            "seconds": round(done.seconds, 3),
            "damaged_frames": [entry.frame for entry in source.damage],
            **summary.record(),
        }
        emit(json.dumps(entry))
        return
    for (place, kind), count in sorted(summary.watch.counts.items()):
        emit(f"{place}: {kind} {count}")
    written = ", ".join(one_line(file) for file in files)
    tracks = len(summary.tracks)
    emit(
        f"{one_line(source.path)}: {tracks} track{'' if tracks == 1 else 's'} in {done.frames} "
        f"frames, {speed:.1f} frames/s -> {written}"
    )

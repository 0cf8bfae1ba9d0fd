"""pixelwise track: a film in, ids out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.apps.tracks import (
    OVERLAY,
    SAVES,
    OnlyClasses,
    Several,
    Summary,
    TrackFiles,
    places_of,
)
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.catalog.requests import names_in
from pixelwise.cli import options
from pixelwise.cli.exits import emit, one_line, report
from pixelwise.cli.filming import Counted, sink_for
from pixelwise.cli.places import marks_of, parse_watch
from pixelwise.cli.progress import Download, Frames
from pixelwise.core import Sink, Task, build
from pixelwise.drawing import Trails
from pixelwise.io.video import VideoFile
from pixelwise.pipeline import Report, run
from pixelwise.tracking import TRACKERS

__all__ = ["track"]


def track(
    path: Annotated[Path, typer.Argument(metavar="IN", help="A video file.")],
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
    method: Annotated[str | None, typer.Option(help="A classical method by name.")] = None,
    model: Annotated[str | None, typer.Option(help="A network by name, or a model file.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting; may repeat.")
    ] = None,
    classes: Annotated[
        str, typer.Option(metavar="NAMES", help="Comma list of classes; the others are left out.")
    ] = "",
    zone: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=X,Y,X,Y,X,Y...", help="A zone that is watched; may repeat."),
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=X,Y,X,Y", help="A line that is counted over; may repeat."),
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=0, max=63, help="Encoder's quality, smaller is better.")
    ] = None,
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
    places = places_of(output, path.stem, names_in(kinds))
    sort = build(TRACKERS[tracker], options.parse_settings(rules or []))
    loading = {"runtime": runtime, "device": device, "threads": threads}
    given = {name: value for name, value in loading.items() if value is not None}
    request = Request(
        task=task,
        method=method,
        model=model,
        settings={**options.parse_settings(settings or []), **given},
        access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
    )
    segmenter = segmenter_for(request)
    if classes:
        segmenter = OnlyClasses(segmenter, names_in(classes))
    source = VideoFile(path)
    marks = marks_of(watch)
    events = _events(output, path.stem) if marks else None
    summary = Summary(watch, events)
    sinks: list[Sink] = [summary, TrackFiles(path.stem, places)]
    if OVERLAY in places:
        sinks.append(sink_for(places[OVERLAY], source, quality, sound=True))
    show = Trails(marks=marks) if OVERLAY in places else None
    with Frames(path.name, source.facts.count) as frames:
        done = run(Counted(source, frames), segmenter, Several(sinks), tracker=sort, show=show)
    files = [*places.values(), *([events] if events else [])]
    _say(path, files, done, summary, as_json=as_json)


def _events(output: Path, stem: str) -> Path:
    folder = output if not output.suffix else output.parent
    return folder / f"{stem}.events.jsonl"


def _say(path: Path, files: list[Path], done: Report, summary: Summary, *, as_json: bool) -> None:
    speed = done.frames / done.seconds if done.seconds else 0.0
    if as_json:
        entry = {
            "input": str(path),
            "files": [str(file) for file in files],
            "frames": done.frames,
            "seconds": round(done.seconds, 3),
            **summary.record(),
        }
        emit(json.dumps(entry))
        return
    for (place, kind), count in sorted(summary.watch.counts.items()):
        emit(f"{place}: {kind} {count}")
    written = ", ".join(one_line(file) for file in files)
    emit(
        f"{one_line(path)}: {len(summary.tracks)} tracks in {done.frames} frames, "
        f"{speed:.1f} frames/s -> {written}"
    )

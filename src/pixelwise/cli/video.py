"""pixelwise video: a film in, a film out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.apps.ar import Look
from pixelwise.catalog import Access, Request
from pixelwise.cli import options, scenes, staging
from pixelwise.cli.effects import COMPOSITE, EFFECTS, effect, is_clear
from pixelwise.cli.exits import emit, one_line, report
from pixelwise.cli.filming import Counted, Rate, film_of, sink_for
from pixelwise.cli.progress import Download, Frames
from pixelwise.cli.staging import layers_of
from pixelwise.core import Segmenter, Task
from pixelwise.drawing import Trails
from pixelwise.errors import InputError, UsageError
from pixelwise.io.video import CODECS, CONTAINERS, Film, PictureSequence, VideoWriter
from pixelwise.methods.deep.network import Network
from pixelwise.pipeline import Parallel, Report, cores, run
from pixelwise.refine import Stable
from pixelwise.tracking import TRACKERS

__all__ = ["video"]


def video(
    path: Annotated[
        Path, typer.Argument(metavar="IN", help="A video, a folder of pictures or a name_%05d.png.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=f"{', '.join(CONTAINERS)} or a name_%05d.png."),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(help="blur, blur:55, original, none, a colour, a picture or a video."),
    ] = None,
    sprites: staging.Sprites = None,
    anchors: staging.Anchors = None,
    wrap: staging.Wrap = 0.0,
    shadow: staging.Shadow = 0.0,
    parallax: staging.Parallax = 0.0,
    shown: Annotated[
        str, typer.Option("--save", help=f"One of {COMPOSITE}, {', '.join(EFFECTS)}.")
    ] = "",
    task: options.Wanted = None,
    method: options.Method = None,
    model: options.Model = None,
    settings: options.Settings = None,
    stable: Annotated[
        bool, typer.Option("--stable/--per-frame", help="Let masks agree from frame to frame.")
    ] = True,
    scene: scenes.Name = None,
    above: scenes.Above = None,
    table: scenes.Table = None,
    is_tracked: Annotated[
        bool, typer.Option("--track", help="Give things ids; the overlay shows their trails.")
    ] = False,
    sound: Annotated[bool, typer.Option("--audio/--no-audio", help="Keep the sound.")] = True,
    rate: Rate = None,
    quality: options.Quality = None,
    codec: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(CODECS)}; else the usual one of -o.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads of a classical method.")] = 1,
    strict: options.Strict = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Segment a video: by default the person stays sharp and the background is blurred.

    Sound, times and rotation of the source are kept. While it is written the file is called
    NAME.part.SUFFIX and can be played; Ctrl-C ends it properly.
    """
    is_tracked = is_tracked or scene is not None
    kind = task or (Task.INSTANCE if is_tracked else None)
    wanted = background or sprites or kind in (None, Task.FOREGROUND)
    name = shown or (COMPOSITE if wanted else "overlay")
    look = Look(wrap=wrap, shadow=shadow, parallax=parallax)
    show = effect(name, background, layers_of(sprites, anchors), look)
    clear = is_clear(name, background)
    if is_tracked and scene is None and name == "overlay":
        show = Trails()
    watched = scenes.Watched.of(show, scene, above, table)
    source = film_of(path, rate)
    place = _place(source, output, name, clear=clear)
    loading = {"runtime": runtime, "device": device, "threads": threads}
    request = Request(
        task=task if scene else kind if name != COMPOSITE else kind or Task.FOREGROUND,
        method=method,
        model=model,
        settings={
            **options.parse_settings(settings or []),
            **{key: value for key, value in loading.items() if value is not None},
        },
        access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
    )
    segmenter = scenes.scene_or_segmenter(scene, request)
    sink = sink_for(place, source, quality, codec, sound=sound)
    with Frames(path.name, source.facts.count) as frames:
        done = run(
            Counted(source, frames),
            _ready(segmenter, workers),
            sink,
            refine=Stable() if stable else None,
            tracker=TRACKERS["hybrid-sort"]() if is_tracked else None,
            show=watched,
        )
    watched.finish()
    _say(source, sink, done, place, as_json=as_json)
    if strict and source.damaged_count:
        raise InputError(f"{path}: {source.damaged_count} frames are damaged", reason="damaged")


def _place(film: Film, output: Path | None, name: str, *, clear: bool) -> Path:
    suffix = ".webm" if clear else ".mp4"
    place = output or film.path.with_name(f"{film.stem}.{name}{suffix}")
    if place.exists() and film.path.exists() and place.samefile(film.path):
        raise UsageError(f"{place}: the output is the input; give another name with -o")
    if not PictureSequence.is_one(place) and place.suffix.lower() not in CONTAINERS:
        known = ", ".join(CONTAINERS)
        raise UsageError(f"-o must end in {known}, or be a name_%05d.png, not {place.name!r}")
    return place


def _ready(segmenter: Segmenter, workers: int) -> Segmenter:
    if isinstance(segmenter, Network):
        segmenter = segmenter.side_by_side().warm()
        return Parallel(segmenter, segmenter.sessions)
    warm = getattr(segmenter, "warm", None)
    if warm is not None:
        warm()
    return Parallel(segmenter, min(workers, 4 * cores())) if workers > 1 else segmenter


def _say(
    source: Film,
    sink: VideoWriter | PictureSequence,
    done: Report,
    place: Path,
    *,
    as_json: bool,
) -> None:
    notes = [*source.notes, *sink.notes]
    for note in notes:
        report(f"{one_line(source.path)}: {note}")
    if source.damaged_count and not as_json:
        first = ", ".join(str(entry.frame) for entry in source.damage[:10])
        more = ", ..." if source.damaged_count > 10 else ""
        report(f"{one_line(source.path)}: {source.damaged_count} damaged frames: {first}{more}")
    speed = done.frames / done.seconds if done.seconds else 0.0
    if not as_json:
        line = f"{done.frames} frames, {done.seconds:.1f} s, {speed:.1f} frames/s"
        emit(f"{one_line(source.path)}: {line} -> {one_line(place)}")
        return
    emit(
        json.dumps(
            {
                "input": str(source.path),
                "output": str(place),
                "frames": done.frames,
                "seconds": round(done.seconds, 3),
                "frames_per_second": round(speed, 2),
                "damaged_frames": [entry.frame for entry in source.damage],
                "damage": [
                    {"frame": entry.frame, "time_s": entry.time_s, "why": entry.why}
                    for entry in source.damage
                ],
                "notes": notes,
            }
        )
    )

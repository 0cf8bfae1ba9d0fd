"""Long work on files: what a worker does for a job, and says on the way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from pixelwise.apps.medical.job import VolumeJob, run_job
from pixelwise.catalog import Access
from pixelwise.convert import to_foreground
from pixelwise.core import Image, Result, Task
from pixelwise.drawing import composite, draw, parse_background
from pixelwise.errors import InvalidSetting, LimitError, MissingExtra
from pixelwise.io.video import CONTAINERS, VideoFile, VideoWriter
from pixelwise.ops.progress import listening
from pixelwise.pipeline import Show, run
from pixelwise.refine import Stable
from pixelwise.service.asking import Ask, segmenter_of
from pixelwise.service.polygons import plain_polygons
from pixelwise.service.worker import Told

__all__ = ["INPUT", "KINDS", "LESSON", "LESSONS", "LongAsk", "do"]

INPUT, LESSON = "input", "lesson"
"""Stems of the files that came: what is worked on, and what ``objects`` learns from."""
LESSONS = (".geojson", ".json", ".tif", ".tiff")
"""Endings of the latter."""
MOST_FRAMES = 20_000
TELL_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class LongAsk:
    """What a job is to do.

    Args:
        kind: Row of KINDS.
        ask: Method or model, with settings.
        preset: A tissue or land cover by name, for volumes and rasters.
        sensor: For rasters: what took the picture, so which band is which.
        background: For videos: what is put behind; empty: an overlay is drawn.
    """

    kind: str
    ask: Ask = field(default_factory=Ask)
    preset: str | None = None
    sensor: str | None = None
    background: str = ""


def do(asked: LongAsk, source: Path, folder: Path, *, tell: Told) -> dict[str, Any]:
    """Do the job on ``source`` and return what is known of the result; files go to ``folder``.

    Raises:
        PixelwiseError: The file or the ask will not do.
    """
    folder.mkdir(mode=0o700)
    return KINDS[asked.kind].work(asked, source, folder, tell)


def _video(asked: LongAsk, source: Path, folder: Path, tell: Told) -> dict[str, Any]:
    film = VideoFile(source)
    task = asked.ask.task or (Task.FOREGROUND if asked.background else None)
    segmenter = segmenter_of(replace(asked.ask, task=task))
    sink = VideoWriter(
        folder / "result.mp4", like=film.facts, sound=source if film.facts.has_audio else None
    )
    done = run(_counted(film, tell), segmenter, sink, refine=Stable(), show=_show(asked.background))
    return {
        "frames": done.frames,
        "seconds": round(done.seconds, 3),
        "damaged_frames": [entry.frame for entry in film.damage],
        "notes": [*film.notes, *sink.notes],
    }


def _show(background: str) -> Show:
    if not background:
        return draw
    behind = parse_background(background, _unread)

    def show(image: Image, result: Result) -> Image:
        return composite(image, to_foreground(result), behind)

    return show


def _unread(path: str) -> Image:
    raise InvalidSetting.of("background", Path(path).name, "blur, blur:PIXELS or a colour")


def _counted(film: VideoFile, tell: Told) -> Iterator[Image]:
    total = film.facts.count
    for number, image in enumerate(film, 1):
        if number > MOST_FRAMES:
            raise LimitError(f"the video has over {MOST_FRAMES} frames, the limit; cut it")
        yield image
        if number % TELL_EVERY == 0:
            tell((number, total))


def _volume(asked: LongAsk, source: Path, folder: Path, tell: Told) -> dict[str, Any]:
    tell((0, 1))
    job = VolumeJob(
        source=source,
        output=folder,
        method=asked.ask.method,
        model=asked.ask.model,
        preset=asked.preset,
        settings=asked.ask.settings,
        prompts=asked.ask.prompts,
        access=Access(offline=True),
        deidentify=True,
    )
    with listening(lambda done, total: tell((done, total))):
        made = run_job(job).record()
    return {name: value for name, value in made.items() if name != "files"}


def _raster(asked: LongAsk, source: Path, folder: Path, tell: Told) -> dict[str, Any]:
    choosing, job, writing = (
        import_module(f"pixelwise.apps.satellite.{name}") for name in ("choosing", "job", "writing")
    )
    choice = choosing.Choice(
        preset=asked.preset,
        method=asked.ask.method,
        model=asked.ask.model,
        train=tuple((None, place) for place in _lessons(source.parent)),
        settings=asked.ask.settings,
        access=Access(offline=True),
    )
    wanted = job.MapJob(
        sources=(source,),
        choice=choice,
        sensor=asked.sensor,
        step=lambda done, total: tell((done, total)),
    )
    made = writing.run_map(wanted, writing.Wanted(output=folder))
    classes = [{"name": row.name, "pixels": row.pixels, "share": row.share} for row in made.areas]
    return {"made": made.done.made, "classes": classes, "notes": list(made.done.notes)}


def _lessons(folder: Path) -> list[Path]:
    """Return what came to learn from; polygons as nothing but polygons."""
    places = sorted(folder.glob(f"{LESSON}.*"))
    for place in places:
        if "json" in place.suffix:
            place.write_bytes(plain_polygons(place.read_bytes()))
    return places


@dataclass(frozen=True)
class Kind:
    """One kind of job: the endings of its files, and what does it."""

    suffixes: tuple[str, ...]
    work: Callable[[LongAsk, Path, Path, Told], dict[str, Any]]


KINDS: Mapping[str, Kind] = {
    "video": Kind((*CONTAINERS, ".avi"), _video),
    "volume": Kind((".nii.gz", ".nii", ".nrrd", ".mha", ".dcm"), _volume),
    "raster": Kind((".tif", ".tiff"), _raster),
}
"""Name -> what is done."""


def warm() -> None:
    """Load nothing: jobs are long, and few."""


def check_extra(kind: str) -> None:
    """Raise when what a kind of job needs is not installed here.

    Raises:
        MissingExtra: It names the pip line.
    """
    needed = {"volume": ("nibabel", "medical"), "raster": ("rasterio", "geo")}.get(kind)
    if needed is None:
        return
    try:
        import_module(needed[0])
    except ModuleNotFoundError as error:
        raise MissingExtra.of(f"{kind} jobs", *needed) from error

"""pixelwise segment: pictures in, masks out."""

import json
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pixelwise.apps.driving import BirdsEye
from pixelwise.apps.saves import SAVES, encoded, endings, parse_saves, save
from pixelwise.catalog import Access, Request
from pixelwise.catalog.requests import names_in
from pixelwise.cli import options, scenes
from pixelwise.cli.exits import emit, exit_code_of, one_line, report
from pixelwise.cli.outputs import plan
from pixelwise.cli.progress import Download, track, working
from pixelwise.cli.ranking import rank
from pixelwise.core import Image, Result, Segmenter
from pixelwise.errors import PixelwiseError, UsageError
from pixelwise.io.atomic import make_folder
from pixelwise.io.files import decode, read, write
from pixelwise.io.format import Reading
from pixelwise.io.record import record
from pixelwise.refine import REFINEMENTS

__all__ = ["segment"]

STDIN = "-"
ABOVE = ".above.png"


def segment(
    inputs: Annotated[list[str], typer.Argument(metavar="IN", help="Pictures; - is stdin.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder for results; else beside each picture."),
    ] = None,
    task: options.Wanted = None,
    method: options.Method = None,
    model: options.Model = None,
    settings: options.Settings = None,
    scene: scenes.Name = None,
    above: scenes.Above = None,
    table: scenes.Table = None,
    refine: Annotated[
        str, typer.Option(metavar="NAMES", help=f"Comma list of {', '.join(REFINEMENTS)}.")
    ] = "",
    kinds: Annotated[
        str, typer.Option("--save", help=f"Comma list of {', '.join(SAVES)}.")
    ] = "overlay",
    point: Annotated[
        list[str] | None, typer.Option(metavar="X,Y[:LABEL]", help="A point prompt; may repeat.")
    ] = None,
    box: Annotated[
        list[str] | None, typer.Option(metavar="X0,Y0,X1,Y1", help="A box prompt; may repeat.")
    ] = None,
    mask: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A mask as a first guess; may repeat.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="What to look for, in words.")] = None,
    uncertain: Annotated[
        bool,
        typer.Option("--uncertain", help="Write nothing: list the pictures, the least sure first."),
    ] = False,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Use the part that is there of a cut file.")
    ] = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Segment pictures and write what --save names beside them, or into the folder -o.

    Without --task, --method and --model the person (or object) is cut from the background.
    """
    loading = {"runtime": runtime, "device": device, "threads": threads}
    request = Request(
        task=task,
        method=method,
        model=model,
        prompts=options.parse_prompts(point or [], box or [], text, mask or []),
        settings={**options.parse_settings(settings or []), **_given(loading)},
        access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
        refine=names_in(refine),
    )
    wanted, listed = parse_saves(kinds), scenes.Listed.of(scene, table)
    segmenter = scenes.scene_or_segmenter(scene, request)
    reading = Reading(allow_truncated=allow_truncated)
    job = _Job(segmenter, wanted, reading, as_json, scenes.birdseye(above), listed)
    if STDIN in inputs:
        _pipe(inputs, job)
        return
    if uncertain:
        raise typer.Exit(rank(segmenter, [Path(name) for name in inputs], as_json=as_json))
    places = plan([Path(name) for name in inputs], output, job.endings)
    if output is not None:
        make_folder(output)
    failures: list[int] = []
    alone = working("segment") if len(places) == 1 else nullcontext()  # one bar at a time
    with alone:
        for path, stem in track(places.items(), len(places), "segment"):
            try:
                job.run(path, stem)
            except PixelwiseError as error:
                _failed(path, error, output, as_json=as_json)
                failures.append(error.exit_code)
    listed.finish()
    raise typer.Exit(exit_code_of(failures, len(places)))


@dataclass(frozen=True)
class _Job:
    segmenter: Segmenter
    wanted: tuple[str, ...]
    reading: Reading
    as_json: bool
    above: BirdsEye | None
    listed: scenes.Listed

    @property
    def endings(self) -> tuple[str, ...]:
        """What the names of the files that it writes end with."""
        return endings(self.wanted) + ((ABOVE,) if self.above is not None else ())

    def run(self, path: Path, stem: Path) -> None:
        """Segment one picture, write its outputs, and say what was done."""
        start = time.perf_counter()
        image = read(path, self.reading)
        opened = time.perf_counter()
        result = self.segmenter(image)
        self.listed.add(path, image, result)
        done = time.perf_counter()
        files = [save(kind, image, result, stem) for kind in self.wanted]
        if self.above is not None:
            files.append(stem.with_name(stem.name + ABOVE))
            write(files[-1], self.above(image, result))
        seconds = {
            "read": opened - start,
            "segment": done - opened,
            "write": time.perf_counter() - done,
        }
        self._say(path, image, result, files, seconds)

    def _say(
        self,
        path: Path,
        image: Image,
        result: Result,
        files: list[Path],
        seconds: Mapping[str, float],
    ) -> None:
        for note in result.provenance.notes:
            report(f"{one_line(path)}: {note}")
        if self.as_json:
            line = record(str(path), image, result, seconds)
            emit(_line({**line, "files": [str(file) for file in files]}))
            return
        made = result.provenance
        name = made.model or made.method
        spent = sum(seconds.values())
        written = ", ".join(str(file) for file in files)
        emit(f"{one_line(path)}: {name}, {spent:.2f} s -> {one_line(written)}")


def _pipe(inputs: list[str], job: _Job) -> None:
    """Read one picture from stdin and write one thing to stdout."""
    if len(inputs) > 1:
        raise UsageError("- reads one picture from stdin; give no other input with it")
    if len(job.wanted) > 1 and not job.as_json:
        raise UsageError(f"stdout takes one output; --save names {len(job.wanted)}")
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    image = decode(data, name="stdin", rules=job.reading)
    result = job.segmenter(image)
    job.listed.add(Path(STDIN), image, result)
    job.listed.finish()
    if job.as_json:
        emit(_line(record(STDIN, image, result)))
        return
    sys.stdout.buffer.write(encoded(job.wanted[0], image, result))
    sys.stdout.buffer.flush()


def _failed(path: Path, error: PixelwiseError, output: Path | None, *, as_json: bool) -> None:
    report(str(error) if str(error).startswith(str(path)) else f"{path}: {error}")
    entry = {"input": str(path), "error": type(error).__name__, "message": str(error)}
    if as_json:
        emit(_line(entry))
    if output is not None:
        with (output / "failures.jsonl").open("a", encoding="utf-8") as log:
            log.write(_line(entry) + "\n")


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=True)


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}

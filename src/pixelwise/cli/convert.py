"""pixelwise convert: any annotation format to any other, with a report of what was lost."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, TextIO

import typer

from pixelwise.cli import options
from pixelwise.cli.exits import emit, one_line, report
from pixelwise.cli.progress import counted
from pixelwise.errors import OutputError, UsageError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import check_free, faults_of, open_dataset, sniffed
from pixelwise.io.annotations.converting import convert as run_convert
from pixelwise.io.annotations.losses import Lost, Report
from pixelwise.io.atomic import make_folder

__all__ = ["convert"]

FAULTY = 3
FORMATS = ", ".join(ANNOTATIONS)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Annotations: a file or folder.")],
    target: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="Where to write; a new file or folder.")
    ] = None,
    to: Annotated[str, typer.Option("--to", help=f"One of {FORMATS}.")] = "",
    origin: Annotated[
        str, typer.Option("--from", help="Format of IN; left out, it is recognised.")
    ] = "",
    losses: Annotated[
        Path | None,
        typer.Option("--report", help="File for every loss, a line each; default OUT.losses.txt."),
    ] = None,
    validate: Annotated[
        bool, typer.Option("--validate", help="Only list every fault of IN, with its place.")
    ] = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Convert annotations to another format.

    What the new format cannot hold is named object by object in OUT.losses.txt and counted on
    stderr. --validate converts nothing: it lists the faults of IN and ends with 3 if there are any.
    """
    name = origin or sniffed(source)
    if validate:
        raise typer.Exit(_validate(source, name, as_json=as_json))
    if target is None or not to:
        raise UsageError("convert takes IN OUT --to FORMAT (or IN --validate)")
    if target.resolve() == source.resolve():
        raise UsageError("OUT is IN; give another place")
    row = ANNOTATIONS[to]
    check_free(target)
    report(f"{source}: read as {ANNOTATIONS[name].title}, written as {row.title}: {row.layout}")
    dataset = open_dataset(source, name)
    for note in dataset.notes:
        report(f"{source}: {note}")
    make_folder(target.parent)
    whole = target.resolve()
    path = losses or whole.with_name(whole.name + ".losses.txt")
    try:
        with path.open("w", encoding="utf-8") as log:
            shown = replace(dataset, samples=counted(dataset.samples, "pictures"))
            done = run_convert(shown, target, to, lambda one: _log(log, one))
    except OSError as error:
        raise OutputError(f"{path}: the report cannot be written: {error.strerror}") from error
    _tell(done, source, target, path, as_json=as_json)


def _log(log: TextIO, one: Lost) -> None:
    log.write(one_line(one) + "\n")


def _tell(done: Report, source: Path, target: Path, path: Path, *, as_json: bool) -> None:
    if not done.by_kind:
        path.unlink(missing_ok=True)
    if as_json:
        table = {
            "input": str(source),
            "output": str(target),
            "pictures": done.pictures,
            "written": done.written,
            "changed": done.changed,
            "left_out": done.gone,
            "losses": {str(kind): number for kind, number in done.by_kind.most_common()},
            "report": str(path) if done.by_kind else None,
        }
        emit(json.dumps(table))
        return
    head, *lines = done.summary()
    emit(f"{target}: {head}")
    for line in lines:
        emit(f"  {one_line(line)}")
    emit(f"  every loss by object: {path}" if lines else "  nothing was lost")


def _validate(source: Path, name: str, *, as_json: bool) -> int:
    count = harmless = 0
    for fault in faults_of(source, name):
        count += 1
        harmless += fault.harmless
        if as_json:
            row = asdict(fault)
            emit(json.dumps(row))
        else:
            emit(one_line(fault))
    mild = f", {harmless} of them harmless" if harmless else ""
    report(f"{source}: {ANNOTATIONS[name].title}, {count or 'no'} faults{mild}")
    return FAULTY if count > harmless else 0

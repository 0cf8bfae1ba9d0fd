"""pixelwise compare: the guide, executed on the user's own picture."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pixelwise.apps.compare import compare as run_compare
from pixelwise.apps.compare import contact_sheet, page, table
from pixelwise.apps.compare.running import TASKS
from pixelwise.catalog import Access
from pixelwise.catalog.choosing import best_with
from pixelwise.cli import options
from pixelwise.cli.exits import emit, report
from pixelwise.cli.progress import Download, counter
from pixelwise.errors import ModelError, UsageError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import read, write
from pixelwise.io.labels import read_labels
from pixelwise.methods import METHODS

__all__ = ["compare"]

SUFFIXES = (".html", ".png", ".json")


def compare(
    picture: Annotated[Path, typer.Argument(metavar="IN", help="A picture.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="report.html, sheet.png or table.json.")
    ] = Path("compare.html"),
    truth: Annotated[
        Path | None, typer.Option(help="Labels of the picture: adds scores and a ranking.")
    ] = None,
    methods: Annotated[str, typer.Option(help="Comma list of methods; all when empty.")] = "",
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Show the four types of segmentation and every technique side by side on one picture.

    The suffix of -o decides: .html a page that stands alone, .png a contact sheet, .json a table.
    Networks that are not here are fetched first, their licence told.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"-o must end in {', '.join(SUFFIXES)}, not {output.name!r}")
    make_folder(output.parent)
    names = [name.strip() for name in methods.split(",") if name.strip()]
    image = read(picture)
    labels = None if truth is None else read_labels(truth).astype(np.int32)
    _fetch(Access(offline=offline, commercial=commercial, say=report, progress=Download()))
    with counter("compare", len(names or METHODS) + len(TASKS)) as count:
        here = Access(offline=True, commercial=commercial)
        made = run_compare(image, names, labels, access=here, done=count)
    match output.suffix.lower():
        case ".html":
            write_bytes(output, page(made, f"pixelwise compares: {picture.name}"))
        case ".png":
            write(output, contact_sheet(made))
        case _:
            write_bytes(output, json.dumps(table(made), indent=1).encode())
    failed = [entry.name for entry in made.entries if entry.reason]
    if as_json:
        emit(json.dumps(table(made)))
    else:
        shown = len(made.entries) - len(failed)
        missing = f", {len(failed)} could not be: {', '.join(failed)}" if failed else ""
        emit(f"{output}: {shown} shown{missing}")


def _fetch(access: Access) -> None:
    """Get the networks of the four types, so that they take part; say which cannot be had."""
    for task in TASKS:
        try:
            best_with(task, access)
        except ModelError as error:
            report(f"{task}: {error}")

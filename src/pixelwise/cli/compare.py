"""pixelwise compare: the guide, executed on the user's own picture."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pixelwise.apps.compare import compare as run_compare
from pixelwise.apps.compare import contact_sheet, page, table
from pixelwise.apps.compare.running import TASKS
from pixelwise.cli import options
from pixelwise.cli.exits import emit
from pixelwise.cli.progress import counter
from pixelwise.errors import UsageError
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
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Show every technique family side by side on one picture.

    The suffix of -o decides: .html a page that stands alone, .png a contact sheet, .json a table.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"-o must end in {', '.join(SUFFIXES)}, not {output.name!r}")
    make_folder(output.parent)
    names = [name.strip() for name in methods.split(",") if name.strip()]
    image = read(picture)
    labels = None if truth is None else read_labels(truth).astype(np.int32)
    with counter("compare", len(names or METHODS) + len(TASKS)) as count:
        made = run_compare(image, names, labels, done=count)
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
        emit(f"{output}: {shown} shown, {len(failed)} could not be: {', '.join(failed) or 'none'}")

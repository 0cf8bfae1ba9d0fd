"""pixelwise verify: is what a batch wrote still there and unchanged."""

import json
from typing import Annotated

import typer

from pixelwise.batch.inputs import root_of
from pixelwise.batch.verify import Verified, findings
from pixelwise.cli import options
from pixelwise.cli.exits import code_of, emit, one_line

__all__ = ["verify"]


def verify(
    folder: Annotated[
        str, typer.Argument(metavar="OUT_DIR", help="Folder of a batch, also s3://, gcs://, ...")
    ],
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Check each file that a batch wrote: bit rot, missing files, and files of others.

    Files that are missing are made again by the same batch command; remove changed ones first.
    """
    seen = Verified()
    wrong = 0
    for finding in findings(root_of(folder), seen):
        wrong += 1
        entry = {"file": finding.file, "problem": finding.problem}
        emit(json.dumps(entry) if as_json else one_line(f"{finding.problem}: {finding.file}"))
    told = {"files": seen.files, "wrong": wrong}
    problems = f"{wrong or 'no'} problem{'' if wrong == 1 else 's'}"
    emit(json.dumps(told) if as_json else f"{seen.files} files checked, {problems}")
    raise typer.Exit(code_of([3], wrong, max(seen.files, wrong + 1)))

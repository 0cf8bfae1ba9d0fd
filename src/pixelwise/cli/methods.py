"""pixelwise methods: what the classical families offer."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pixelwise.catalog import MethodRow, list_methods
from pixelwise.cli import options
from pixelwise.cli.exits import emit
from pixelwise.errors import UnknownName

__all__ = ["methods"]


def methods(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One method.")] = None,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """List the classical methods; name one to see its settings, their ranges and defaults."""
    rows = list_methods()
    if name is not None:
        rows = tuple(row for row in rows if row.name == name)
        if not rows:
            raise UnknownName.among("method", name, [row.name for row in list_methods()])
    if as_json:
        for row in rows:
            emit(json.dumps(row.to_dict()))
    elif name is None:
        _overview(rows)
    else:
        _settings(rows[0])


def _overview(rows: tuple[MethodRow, ...]) -> None:
    table = Table("method", "family", "gives", "3-D", "what it does")
    for row in rows:
        table.add_row(
            row.name, row.family, row.task, "yes" if row.takes_volumes else "", row.summary
        )
    _console().print(table)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120)


def _settings(row: MethodRow) -> None:
    console = _console()
    console.print(f"[bold]{row.name}[/] ({row.family}): {row.summary}")
    table = Table("setting", "default", "range", "meaning")
    for item in row.settings:
        table.add_row(item.name, item.default, item.range, item.doc)
    console.print(table)

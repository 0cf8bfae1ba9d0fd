"""From the first word of the command line to the command, which is imported only then."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer

from pixelwise import __version__
from pixelwise.cli.exits import INTERRUPTED
from pixelwise.errors import UnknownName

__all__ = ["HELP", "Row", "command_of", "help_of", "run"]

Row = tuple[str, str]
"""``"module:name"`` of a command, and its line in the help."""

HELP = {"help_option_names": ["-h", "--help"]}


def run(rows: Mapping[str, Row], arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return its exit code.

    ``--help`` is printed from the table, without importing any command.

    Raises:
        UnknownName: There is no such command.
        KeyboardInterrupt: The user ended it.
    """
    first, rest = (arguments[0], list(arguments[1:])) if arguments else ("--help", [])
    if first == "help" and rest:
        first, rest = rest[0], ["--help"]
    if first in ("--help", "-h", "help"):
        typer.echo(_help(rows))
        return 0
    if first == "--version":
        typer.echo(f"pixelwise {__version__}")
        return 0
    if first not in rows:
        raise UnknownName.among("command", first, rows)
    command = command_of(first, rows[first][0])
    if not rest and hasattr(command, "commands"):
        rest = ["--help"]
    answer = command.main(args=rest, prog_name=f"pixelwise {first}", standalone_mode=False)
    if answer == INTERRUPTED:  # typer makes an exit of Ctrl-C, without a word
        raise KeyboardInterrupt
    return answer if isinstance(answer, int) else 0


def help_of(name: str, place: str) -> str:
    """Return what ``pixelwise NAME --help`` prints."""
    command = command_of(name, place)
    context = command.make_context(f"pixelwise {name}", [], resilient_parsing=True)
    return str(command.get_help(context)).strip()


def command_of(name: str, place: str) -> Any:  # noqa: ANN401 - typer's own command type is private
    """Return the command of a row."""
    module, _, attribute = place.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        return typer.main.get_command(target)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, context_settings=HELP)(target)
    return typer.main.get_command(app)


def _help(rows: Mapping[str, Row]) -> str:
    width = max(map(len, rows))
    lines = [f"  {name:<{width}}  {line}" for name, (_, line) in rows.items()]
    return "\n".join(
        [
            "pixelwise: every kind of image segmentation behind one call.",
            "",
            "Usage: pixelwise COMMAND [OPTIONS] ...   (pixelwise COMMAND --help tells more)",
            "",
            *lines,
            "",
            "  --version  Show the version.    --help  Show this.",
        ]
    )

"""The group of all commands, which imports a command only when it runs."""

from collections.abc import Mapping
from importlib import import_module

import click
import typer

from pixelwise import __version__
from pixelwise.errors import UnknownName

__all__ = ["Root"]

INTRODUCTION = "pixelwise: every kind of image segmentation behind one call."


class Root(click.Group):
    """The commands by name; ``--help`` is printed from the table, without importing any."""

    def __init__(self, rows: Mapping[str, tuple[str, str]]) -> None:
        super().__init__("pixelwise", help=INTRODUCTION, no_args_is_help=True)
        self.rows = rows
        self.params.append(
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_version,
                help="Show the version and leave.",
            )
        )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return list(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, imported now."""
        if cmd_name not in self.rows:
            known = UnknownName.among("command", cmd_name, self.rows)
            raise click.UsageError(str(known))
        module, _, name = self.rows[cmd_name][0].partition(":")
        target = getattr(import_module(module), name)
        if isinstance(target, typer.Typer):
            command = typer.main.get_command(target)
        else:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name)(target)
            command = typer.main.get_command(app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table's lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.rows.items()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        click.echo(f"pixelwise {__version__}")
        ctx.exit()

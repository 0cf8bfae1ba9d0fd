"""pixelwise models: list, show, pull, verify, time, where."""

import json
import sys
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from pixelwise.cards import Card
from pixelwise.cards.deck import load_cards
from pixelwise.cards.installing import card_text
from pixelwise.cards.measured import record
from pixelwise.cards.store import Store
from pixelwise.catalog import list_models
from pixelwise.catalog.timing import timed
from pixelwise.cli import options
from pixelwise.cli.exits import emit, exit_code_of, report
from pixelwise.cli.progress import Download
from pixelwise.cli.root import HELP
from pixelwise.core import Task
from pixelwise.errors import ModelError, PixelwiseError

__all__ = ["models"]

models = typer.Typer(
    add_completion=False, rich_markup_mode=None,
    help="List, fetch and check networks.", context_settings=HELP,
)  # fmt: skip

WIDTHS = {"task": 10, "MB": 5, "commercial": 10, "weights": 12, "state": 16}
"""Of the list's columns; the names have the rest of the line, as they are there to be copied."""

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Models by name; all that are here when left out."),
]


@models.command("list")
def list_(
    task: Annotated[Task | None, typer.Option(help="Only models of this task.")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Only what can run now.")] = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """List the networks, the ready ones first, with their licences."""
    rows = [row for row in list_models() if row.task == (task or row.task)]
    rows = [row for row in rows if row.ready or not ready]
    if as_json:
        for row in rows:
            emit(json.dumps(row.to_dict()))
        return
    columns = (Column(name, width=width, overflow="fold") for name, width in WIDTHS.items())
    table = Table(Column("model", overflow="fold"), *columns, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for row in rows:
        size = f"{row.size / 1e6:.1f}" if row.size else ""
        licence, _, _ = row.licence.partition(" (")
        table.add_row(row.name, row.task, size, row.commercial, licence, escape(row.state))
    Console(width=None if sys.stdout.isatty() else 120).print(table)


@models.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model by name.")],
    as_toml: Annotated[
        bool, typer.Option("--toml", help="As a card file, to write one's own after.")
    ] = False,
    debug: options.Debug = False,  # noqa: ARG001
) -> None:
    """Show all that is known about one network."""
    card = load_cards()[name]
    if as_toml:
        emit(card_text(card))
        return
    console, legend = Console(), card.legend_object()
    console.print(f"[bold]{card.name}[/]: {card.about}")
    facts = {
        "task": card.task,
        "classes": f"{len(legend)} ({legend.title or 'own'}): "
        + ", ".join(row.name for row in legend),
        "runtimes": ", ".join(card.runtimes),
        "input": f"{card.input.height} x {card.input.width}, {card.input.fit}",
        "decoder": card.decoder.name,
        "licence": card.licence.line,
        "code": card.licence.code,
        "score": card.metric.text if card.metric else "",
        "paper": card.paper,
    }
    table = Table(show_header=False)
    for key, value in facts.items():
        table.add_row(key, str(value))
    for source in card.sources:
        table.add_row("source", f"{source.place}\nsha256 {source.sha256 or 'not published'}")
    for note in card.notes:
        table.add_row("note", note)
    console.print(table)


@models.command()
def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Models by name; selfie when left out."),
    ] = None,
    commercial: options.Commercial = False,
    debug: options.Debug = False,  # noqa: ARG001
) -> None:
    """Fetch networks now, so that they work offline later."""
    store, cards = Store.from_environment(), load_cards()
    failures: list[int] = []
    wanted = names or ["selfie"]
    for name in wanted:
        try:
            path = store.path(cards[name], commercial=commercial, progress=Download(), say=report)
        except PixelwiseError as error:
            failures.append(error.exit_code)
            report(f"{name}: {error}")
        else:
            emit(f"{name}: {path}")
    raise typer.Exit(exit_code_of(failures, len(wanted)))


@models.command()
def verify(
    names: Names = None,
    debug: options.Debug = False,  # noqa: ARG001
) -> None:
    """Check the hashes of the model files that are here."""
    store, cards = Store.from_environment(), load_cards()
    failures: list[int] = []
    checked = names or [name for name in cards if _is_here(store, name)]
    for name in checked:
        for copy in store.verify(cards[name]):
            if copy.fault:
                failures.append(ModelError.exit_code)
                report(f"{name}: {copy.path}: {copy.fault}")
            else:
                emit(f"{name}: {copy.path} is whole")
    raise typer.Exit(exit_code_of(failures, max(len(checked), 1)))


@models.command()
def time(
    names: Names = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each runtime.")] = 2,
    debug: options.Debug = False,  # noqa: ARG001
) -> None:
    """Time the runtimes of the models that are here and keep the fastest.

    What was measured is written into the cache and holds from then on.
    """
    store, cards = Store.from_environment(), load_cards()
    failures: list[int] = []
    wanted = names or [name for name, card in cards.items() if _many(card) and store.is_ready(card)]
    for name in wanted:
        try:
            times = timed(cards[name], threads=threads)
            record("speeds", name, {runtime: round(ms, 3) for runtime, ms in times.items()})
        except PixelwiseError as error:
            failures.append(error.exit_code)
            report(f"{name}: {error}")
        else:
            best = min(times, key=times.__getitem__)
            rows = ", ".join(f"{runtime} {ms:.1f} ms" for runtime, ms in times.items())
            emit(f"{name}: {best} ({rows}, {threads} threads)")
    raise typer.Exit(exit_code_of(failures, max(len(wanted), 1)))


@models.command()
def where(debug: options.Debug = False) -> None:  # noqa: ARG001
    """Print the folders in which model files are looked for, in order."""
    places = Store.from_environment().where
    for folder in (places.bundled, *places.folders, *places.cards, places.cache):
        if folder is not None:
            emit(str(folder))


def _many(card: Card) -> bool:
    """Say whether a card leaves a choice of runtimes for its one input."""
    return len(card.runtimes) > 1 and card.volume is None


def _is_here(store: Store, name: str) -> bool:
    return bool(store.verify(load_cards()[name]))

"""Which runtime is the fastest for a card: by a measured table, which a user may overrule."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from pixelwise.cards.card import Card
from pixelwise.cards.measured import measured
from pixelwise.errors import ModelError

__all__ = ["by_speed", "threads_of", "times_of"]

UNKNOWN = float("inf")
"""Of a runtime that nobody timed: it goes last, in the card's own order."""


def times_of(card: Card, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """Return milliseconds by runtime; what this machine measured goes before the package's table.

    For a card that nobody timed the ratios of its file's format stand, without a unit.

    Raises:
        ModelError: What this machine measured is damaged.
    """
    own: Mapping[str, Any] | None = measured("speeds", environment).get(card.name)
    own = own or _table()["cards"].get(card.name)
    if own is None:
        suffixes = {PurePath(source.file).suffix for source in card.sources_of("model")}
        rows = (row for end, row in _table()["formats"].items() if f".{end}" in suffixes)
        own = dict(next(rows, {}))
    try:
        return {name: float(own[name]) for name in card.runtimes if name in own}
    except (TypeError, ValueError) as error:
        raise ModelError(f"the times of {card.name} are no numbers: {own}") from error


def by_speed(card: Card, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the card's runtimes, the fastest first."""
    times = times_of(card, environment)
    return tuple(sorted(card.runtimes, key=lambda name: times.get(name, UNKNOWN)))


def threads_of(card: Card) -> int | None:
    """Return how many threads are as fast as any more for a card; None: not known."""
    return _table()["threads"].get(card.name)


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = files("pixelwise.cards").joinpath("speeds.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)

"""All the cards: those of the package, and those that a user or a training run added."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pixelwise.cards.card import Card
from pixelwise.cards.folders import cards_folders
from pixelwise.errors import ModelError, UnknownName

__all__ = ["Deck", "load_cards"]


class Deck(Mapping[str, Card]):
    """Name -> card; each card is checked when it is first asked for.

    Args:
        tables: Name -> TOML table.
        folders: Name -> folder where the card's own files lie, for cards from outside the package.

    >>> load_cards({})["deeplab-v3"].input.size
    (257, 257)
    """

    def __init__(
        self, tables: Mapping[str, Mapping[str, Any]], folders: Mapping[str, Path] | None = None
    ) -> None:
        self._tables = dict(tables)
        self._cards: dict[str, Card] = {}
        self._folders = dict(folders or {})

    def __getitem__(self, name: str) -> Card:
        """Return the card.

        Raises:
            UnknownName: There is no such card.
            ModelError: Its table does not describe one.
        """
        if name not in self._tables:
            raise UnknownName.among("model", name, self._tables)
        if name not in self._cards:
            self._cards[name] = Card.read(name, self._tables[name])
        return self._cards[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def folder_of(self, name: str) -> Path | None:
        """Return the folder that an added card came from, None for the package's own."""
        return self._folders.get(name)


def load_cards(environment: Mapping[str, str] | None = None) -> Deck:
    """Return every card that is known here.

    The package's own cards come first; cards of ``<cache>/cards/*.toml`` and of the folders in
    ``PIXELWISE_CARDS`` are added. The package's own names cannot be taken over.

    Args:
        environment: Variables; ``os.environ`` if left out.

    Raises:
        ModelError: A card file is not TOML, or takes a name that the package has.
    """
    text = files("pixelwise.cards").joinpath("cards.toml").read_text(encoding="utf-8")
    own: dict[str, dict[str, Any]] = tomllib.loads(text)
    tables, folders = dict(own), {}
    for folder in cards_folders(os.environ if environment is None else environment):
        for file in sorted(folder.glob("*.toml")):
            for name, table in _tables(file).items():
                if name in own:
                    raise ModelError(f"{file} takes the name {name!r} of a card of pixelwise")
                tables[name], folders[name] = table, folder
    return Deck(tables, folders)


def _tables(file: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"card file {file} cannot be read: {error}") from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ModelError(f"card file {file}: {name!r} should be a table [{name}]")
    return tables

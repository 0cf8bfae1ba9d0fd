"""All the cards: those of the package, and those that a user or a training run added."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pixelwise.cards.card import Card
from pixelwise.cards.folders import cards_folders
from pixelwise.errors import ModelError, UnknownName, UsageError

__all__ = ["Deck", "load_cards", "refuse_taken", "sections_of"]


class Deck(Mapping[str, Card]):
    """Name -> card; each card is checked when it is first asked for.

    Args:
        sections: Name -> TOML text of the card's table; it is parsed when the card is asked for.
        folders: Name -> folder where the card's own files lie, for cards from outside the package.

    >>> load_cards({})["deeplab-v3"].input.size
    (257, 257)
    """

    def __init__(
        self, sections: Mapping[str, str], folders: Mapping[str, Path] | None = None
    ) -> None:
        self._sections = dict(sections)
        self._cards: dict[str, Card] = {}
        self._folders = dict(folders or {})

    def __getitem__(self, name: str) -> Card:
        """Return the card.

        Raises:
            UnknownName: There is no such card.
            ModelError: Its table does not describe one.
        """
        if name not in self._sections:
            raise UnknownName.among("model", name, self._sections)
        if name not in self._cards:
            self._cards[name] = Card.read(name, tomllib.loads(self._sections[name])[name])
        return self._cards[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def __contains__(self, name: object) -> bool:
        return name in self._sections

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
    own = _own_sections()
    sections, folders = dict(own), {}
    for folder in cards_folders(os.environ if environment is None else environment):
        for file in sorted(folder.glob("*.toml")):
            for name, section in _read(file).items():
                if name in own:
                    raise ModelError(f"{file} takes the name {name!r} of a card of pixelwise")
                sections[name], folders[name] = section, folder
    return Deck(sections, folders)


def refuse_taken(name: str) -> None:
    """Raise if a network of the package has this name: no card of one's own may take it.

    Raises:
        UsageError: It is taken.

    >>> refuse_taken("my-street-fcn")
    """
    if name in _own_sections():
        raise UsageError(f"{name!r} is the name of a network of pixelwise; choose another name")


def _own_sections() -> dict[str, str]:
    text = files("pixelwise.cards").joinpath("cards.toml").read_text(encoding="utf-8")
    return sections_of(text)


_HEADER = re.compile(r"^\[([a-z0-9-]+)\][ \t]*$", re.MULTILINE)


def sections_of(text: str) -> dict[str, str]:
    r"""Return the text of each card of a TOML file by name, without parsing it.

    A card begins with its own header ``[name]``; its sub-tables follow. Parsing all of them would
    take longer than a small network takes for a picture.

    >>> list(sections_of("[a]\nx = 1\n[a.b]\ny = 2\n[c]\n"))
    ['a', 'c']
    """
    found = list(_HEADER.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    return {match[1]: text[match.start() : end] for match, end in zip(found, ends, strict=True)}


def _read(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8")
        tables: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"card file {file} cannot be read: {error}") from error
    sections = sections_of(text)
    if set(sections) != set(tables):
        raise ModelError(f"card file {file}: each card begins with its own header [name]")
    return sections

"""Adding a card of one's own: what a training run does with the network that it made."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from pixelwise.cards.card import Card
from pixelwise.cards.contents import check_content
from pixelwise.cards.deck import refuse_taken
from pixelwise.cards.folders import cache_folder, folder_to_fill
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.placing import place, temporary_beside, write_text
from pixelwise.cards.sources import LocalSource
from pixelwise.core import Legend
from pixelwise.errors import ModelError, OutputError

__all__ = ["card_text", "install_card"]


def install_card(
    card: Card,
    file: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Path:
    """Copy a model file and its card to where cards are found; return the path of the card.

    Args:
        card: The card; its sources are replaced by the file.
        file: The model file.
        folder: Where to; ``<cache>/cards`` if left out. Other folders count when they stand in
            ``PIXELWISE_CARDS``.
        environment: Variables; ``os.environ`` if left out.

    Raises:
        ModelError: The file is not a model that may be loaded.
        OutputError: The folder cannot be written.
        UsageError: A network of the package has the card's name.
    """
    refuse_taken(card.name)
    check_content(file)
    given = os.environ if environment is None else environment
    target = folder_to_fill(cache_folder(given), "cards") if folder is None else folder
    name = f"{card.name}{file.suffix.lower()}"
    source = LocalSource(file=name, sha256=sha256_of(file), size=file.stat().st_size)
    try:
        target.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(target / name)
        shutil.copyfile(file, temporary)
        place(temporary, target / name)
        write_text(target / f"{card.name}.toml", card_text(replace(card, sources=(source,))))
    except OSError as error:
        raise OutputError(f"the card cannot be written to {target}: {error}") from error
    return target / f"{card.name}.toml"


def card_text(card: Card) -> str:
    """Return the card as TOML, which :meth:`Card.read` takes back.

    Raises:
        ModelError: Its name cannot head a table.
    """
    if not re.fullmatch(r"[a-z0-9-]+", card.name):
        raise ModelError(f"the name of a card is lower case, digits and dashes, not {card.name!r}")
    blocks = [_block(f"[{card.name}]", _plain(card) | _legend_name(card))]
    if isinstance(card.legend, Legend):
        blocks.append(_block(f"[{card.name}.legend]", _legend_table(card.legend)))
    for key in ("input", "decoder", "licence", "volume", "metric"):
        part = getattr(card, key)
        if part is not None:
            blocks.append(_block(f"[{card.name}.{key}]", _plain(part)))
    blocks += [_block(f"[[{card.name}.sources]]", _plain(source)) for source in card.sources]
    return "\n".join(blocks)


def _legend_name(card: Card) -> dict[str, object]:
    return {"legend": card.legend} if isinstance(card.legend, str) else {}


def _legend_table(legend: Legend) -> dict[str, object]:
    rows = [[row.id, row.name, list(row.colour), row.is_thing] for row in legend]
    return {"void": legend.void, "classes": rows}


def _plain(thing: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    """Return the fields that one line of TOML can hold; name and legend stand elsewhere."""
    skipped = ("name", "legend") if isinstance(thing, Card) else ()
    values = {f.name: getattr(thing, f.name) for f in fields(thing) if f.name not in skipped}
    return {key: value for key, value in values.items() if _fits_a_line(value)}


def _fits_a_line(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, str | int | float) for item in value)
    return isinstance(value, str | int | float | Enum)


def _block(header: str, values: Mapping[str, object]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join([header, *lines, ""])


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return _value(value.value)
        case str():
            return _quoted(value)
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda hit: f"\\u{ord(hit[0]):04x}", plain) + '"'

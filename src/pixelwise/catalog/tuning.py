"""Which settings change what a network answers: for those who lay out controls."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from pixelwise.cards import AnswerShape, Card, Holds
from pixelwise.cards.deck import load_cards
from pixelwise.catalog.listing import SettingRow
from pixelwise.catalog.loading import Loading
from pixelwise.core import Task
from pixelwise.errors import UnknownName
from pixelwise.methods import METHODS
from pixelwise.methods.deep.mirrors import can_mirror
from pixelwise.methods.deep.prompted import Asking

__all__ = ["Knob", "knobs"]

TOLD = ("prompts", "instances")
"""What prompts and task say already."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting that can be turned.

    Args:
        name: What it is called.
        hint: Its type.
        default: Its value where nothing is said; None: empty; MISSING: it must be given.
        told: What :func:`setting` says of it: ``doc``, ``low``, ``high``.
    """

    name: str
    hint: Any
    default: Any
    told: Mapping[str, Any]

    @property
    def row(self) -> SettingRow:
        """The setting as text."""
        return SettingRow.of(self.name, self.default, self.told)


def knobs(name: str) -> tuple[Knob, ...]:
    """Return the settings of a method or network that change its answer, with its own defaults.

    Raises:
        UnknownName: There is neither.

    >>> [knob.name for knob in knobs("selfie")], knobs("selfie")[0].default
    (['threshold', 'tiles', 'overlap', 'mirror'], 0.5)
    """
    if name in METHODS:
        return tuple(_of(METHODS[name]))
    cards = load_cards()
    if name not in cards:
        raise UnknownName.among("method or model", name, [*METHODS, *cards])
    card = cards[name]
    if card.decoder.name is AnswerShape.PROMPTED:
        return tuple(knob for knob in _of(Asking) if knob.name not in TOLD)
    own = {"threshold": card.decoder.threshold}
    return tuple(knob for knob in _of(Loading, own) if knob.name in _turned(card))


def _turned(card: Card) -> set[str]:
    """Return the names of the settings of loading that mean something for a card."""
    names = {"tiles", "overlap"}
    if can_mirror(card):
        names.add("mirror")
    if card.volume is None and _is_decided(card):
        names.add("threshold")
    return names


def _is_decided(card: Card) -> bool:
    """Say whether a least score decides; classes for each pixel are told by the best of them."""
    if card.decoder.name is not AnswerShape.DENSE:
        return True
    is_one = card.task is Task.FOREGROUND or card.outputs == 1
    return is_one and card.decoder.holds is not Holds.IDS


def _of(kind: type, own: Mapping[str, object] | None = None) -> list[Knob]:
    """Return all settings of a class; ``own`` are values that are never empty."""
    hints = get_type_hints(kind) | dict.fromkeys(own or {}, float)
    values = {item.name: item.default for item in fields(kind)} | dict(own or {})
    return [
        Knob(item.name, hints[item.name], values[item.name], item.metadata) for item in fields(kind)
    ]

"""What exists here: the methods and the models, as rows."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from enum import Enum
from importlib.util import find_spec
from typing import Any

from pixelwise.cards import AnswerShape, Card
from pixelwise.cards.deck import load_cards
from pixelwise.cards.speeds import by_speed
from pixelwise.cards.store import Store
from pixelwise.core import Method
from pixelwise.methods import FAMILIES, METHODS
from pixelwise.methods.deep import DECODERS
from pixelwise.runtimes import PACKAGES, RUNTIMES

__all__ = [
    "MethodRow",
    "ModelRow",
    "SettingRow",
    "is_decoded",
    "list_methods",
    "list_models",
    "runtime_state",
    "runtimes_here",
    "usable_runtime",
]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting of a method, as text: name, default, range, meaning."""

    name: str
    default: str
    range: str
    doc: str

    @classmethod
    def of(cls, name: str, default: object, told: Mapping[str, Any]) -> "SettingRow":
        """Return the row of a field with that default and that metadata."""
        return cls(name, _text(default), _range(told), told["doc"])


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One classical method.

    Args:
        name: What goes into ``find``.
        family: threshold, edges, regions or clusters.
        task: Type of its results.
        takes_volumes: Whether it works on volumes too.
        summary: One sentence.
        settings: Its settings.
    """

    name: str
    family: str
    task: str
    takes_volumes: bool
    summary: str
    settings: tuple[SettingRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One network.

    Args:
        name: What goes into ``find``.
        task: Type of its results.
        runtime: The runtime that would run it here, or its preferred one.
        ready: Whether it can run now, without a download or an installation.
        state: ``"ready"``, or what is missing.
        commercial: yes, no or unclear.
        licence: Licence of the weights.
        size: Bytes of its file, 0 when unknown.
        about: One sentence.
    """

    name: str
    task: str
    runtime: str
    ready: bool
    state: str
    commercial: str
    licence: str
    size: int
    about: str

    def to_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self)


def list_methods() -> tuple[MethodRow, ...]:
    """Return the classical methods, family by family.

    >>> "otsu" in [row.name for row in list_methods()]
    True
    """
    return tuple(
        _method_row(name, family, METHODS[name])
        for family, names in FAMILIES.items()
        for name in names
    )


def list_models() -> tuple[ModelRow, ...]:
    """Return the networks that have a card, the ready ones first.

    >>> "selfie" in [row.name for row in list_models()]
    True
    """
    store, cards = Store.from_environment(), load_cards()
    rows = [_model_row(card, store) for card in cards.values()]
    return tuple(sorted(rows, key=lambda row: not row.ready))


def runtimes_here() -> dict[str, str]:
    """Return for each runtime ``"ready"``, or how to get it."""
    return {name: runtime_state(name) or "ready" for name in RUNTIMES}


def runtime_state(name: str) -> str | None:
    """Return what a runtime lacks here, None when it can run."""
    if name not in RUNTIMES:
        return f"there is no runtime {name} yet"
    if find_spec(PACKAGES[name]) is not None:
        return None
    return f"pip install 'pixelwise[{RUNTIMES.extra_of(name)}]'"


def is_decoded(card: Card) -> bool:
    """Say whether something here makes results of what a card's network answers."""
    return card.decoder.name in DECODERS or card.decoder.name is AnswerShape.PROMPTED


def usable_runtime(card: Card) -> str | None:
    """Return the fastest runtime of a card that can run here, by the measured table."""
    return next((name for name in by_speed(card) if runtime_state(name) is None), None)


def _model_row(card: Card, store: Store) -> ModelRow:
    missing = _missing(card, store)
    sizes = [source.size for source in card.sources if source.role == card.roles[0]]
    return ModelRow(
        name=card.name,
        task=str(card.task),
        runtime=usable_runtime(card) or card.runtime,
        ready=missing is None,
        state=missing or "ready",
        commercial=str(card.licence.commercial),
        licence=card.licence.weights,
        size=sizes[0],
        about=card.about,
    )


def _missing(card: Card, store: Store) -> str | None:
    if not is_decoded(card):
        return f"no decoder for {card.decoder.name} yet"
    if usable_runtime(card) is None:
        return runtime_state(card.runtime)
    return None if store.is_ready(card) else f"pixelwise models pull {card.name}"


def _method_row(name: str, family: str, kind: type[Method[Any]]) -> MethodRow:
    settings = tuple(SettingRow.of(item.name, item.default, item.metadata) for item in fields(kind))
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return MethodRow(name, family, str(kind.task), kind.takes_volumes, summary, settings)


def _text(value: object) -> str:
    if value is MISSING:
        return "(must be given)"
    if value is None:
        return ""
    return str(value.value if isinstance(value, Enum) else value)


def _range(metadata: Mapping[str, Any]) -> str:
    low, high = metadata.get("low"), metadata.get("high")
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"

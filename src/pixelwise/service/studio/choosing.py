"""What can be chosen on the page: families, methods, networks."""

from collections.abc import Mapping
from typing import Any

from pixelwise.cards.deck import load_cards
from pixelwise.catalog import list_methods, list_models
from pixelwise.core import Task
from pixelwise.methods import FAMILIES, METHODS
from pixelwise.service.asking import Ask

__all__ = [
    "BEST",
    "FAMILY_CHOICES",
    "NETWORKS",
    "about",
    "ask_for",
    "named",
    "names_of",
    "networks",
]

BEST = "the best that is ready"
NETWORKS = "networks"
FAMILY_CHOICES = (BEST, *FAMILIES, NETWORKS)


def names_of(family: str, task: str) -> list[str]:
    """Return what a family offers for a task; ``any`` means every task.

    >>> "otsu" in names_of("threshold", "any")
    True
    """
    if family == BEST:
        return []
    return networks(task) if family == NETWORKS else list(FAMILIES[family])


def networks(task: str = "any", *, of_volumes: bool = False) -> list[str]:
    """Return the networks that are ready here for a task: those of pictures, or of volumes."""
    volumes = {name for name, card in load_cards().items() if card.volume is not None}
    rows = [row for row in list_models() if row.ready and (row.name in volumes) is of_volumes]
    return [row.name for row in rows if task in ("any", row.task)]


def named(name: str, **more: Any) -> Ask:  # noqa: ANN401
    """Return the ask for a method or network by its name.

    >>> named("otsu").method, named("selfie").model
    ('otsu', 'selfie')
    """
    return Ask(model=name, **more) if name in load_cards() else Ask(method=name, **more)


def ask_for(
    task: str,
    family: str,
    name: str | None,
    settings: Mapping[str, object],
    **more: Any,  # noqa: ANN401
) -> Ask:
    """Return what the choices mean; ``more`` are prompts and refinements."""
    wanted = None if task == "any" else Task(task)
    if family == BEST or not name:
        return Ask(task=wanted or Task.FOREGROUND, **more)
    if name in METHODS and wanted is METHODS[name].task:
        wanted = None
    own = {key: value for key, value in settings.items() if value not in (None, "")}
    return named(name, task=wanted, settings=own, **more)


def about(name: str | None) -> str:
    """Return one sentence about a method or network."""
    rows = {row.name: row.summary for row in list_methods()}
    rows |= {row.name: f"{row.about} Weights: {row.licence}." for row in list_models()}
    return rows.get(name or "", "")

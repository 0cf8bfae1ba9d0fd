"""What can be chosen on the page: families, methods, networks."""

from collections.abc import Mapping
from typing import Any

from pixelwise.cards.deck import load_cards
from pixelwise.catalog import list_methods, list_models
from pixelwise.core import Task
from pixelwise.methods import FAMILIES, METHODS
from pixelwise.service.asking import Ask

__all__ = ["BEST", "FAMILY_CHOICES", "NETWORKS", "about", "ask_for", "names_of"]

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
    if family == NETWORKS:
        volumes = {name for name, card in load_cards().items() if card.volume is not None}
        rows = [row for row in list_models() if row.ready and row.name not in volumes]
        return [row.name for row in rows if task in ("any", row.task)]
    return list(FAMILIES[family])


def ask_for(
    task: str,
    family: str,
    name: str | None,
    settings: Mapping[str, object],
    prompts: Any,  # noqa: ANN401
) -> Ask:
    """Return what the choices mean."""
    wanted = None if task == "any" else Task(task)
    if family == BEST or not name:
        return Ask(task=wanted or Task.FOREGROUND, prompts=prompts)
    if name in METHODS:
        own = {key: value for key, value in settings.items() if value not in (None, "")}
        same = wanted is None or wanted is METHODS[name].task
        return Ask(task=None if same else wanted, method=name, settings=own, prompts=prompts)
    return Ask(task=wanted, model=name, prompts=prompts)


def about(name: str | None) -> str:
    """Return one sentence about a method or network."""
    rows = {row.name: row.summary for row in list_methods()}
    rows |= {row.name: f"{row.about} Weights: {row.licence}." for row in list_models()}
    return rows.get(name or "", "")

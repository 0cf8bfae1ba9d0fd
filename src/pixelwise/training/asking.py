"""Text from the command line becomes an order; a plan becomes lines for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from pixelwise.cards import Licence
from pixelwise.cards.deck import refuse_taken
from pixelwise.core import Legend, build
from pixelwise.errors import UsageError
from pixelwise.training.folds import cross_validate, order_of_fold
from pixelwise.training.job import Order, prepare, train
from pixelwise.training.nets import NETS
from pixelwise.training.planning import Planned
from pixelwise.training.recipe import Recipe, recipe

__all__ = [
    "cross_validate",
    "lines_of",
    "order_of",
    "order_of_fold",
    "prepare",
    "train",
    "use_threads",
]


def use_threads(count: int) -> None:
    """Let torch use so many threads."""
    torch.set_num_threads(count)


def order_of(  # noqa: PLR0913 - what the command line may say
    data: Path,
    output: Path,
    *,
    net: str | None,
    recipe_name: str | None,
    name: str | None,
    given: Mapping[str, object],
    legend: Legend | None,
    places: Mapping[str, Path | None],
    words: Mapping[str, str],
) -> Order:
    """Return the order that the command line stands for.

    Args:
        data: Pictures with labels.
        output: Folder of the run.
        net: Row of the NETS table; left out only where a recipe says it.
        recipe_name: A recipe, whose settings hold where ``given`` does not say otherwise.
        name: Of the model.
        given: Settings of the plan.
        legend: Names of the classes.
        places: ``test``, ``pictures`` and ``labels``, None where they are not given.
        words: ``terms``, ``licence`` and ``command``.

    Raises:
        UsageError: Neither a net nor a recipe is named, or the model's name is taken.
        UnknownName: There is no such net or recipe.
    """
    known = recipe(recipe_name) if recipe_name else None
    if known is None and net is None:
        raise UsageError(f"name a network with --net: {', '.join(NETS)}; or a --recipe")
    chosen = net or (known.net if known else "")
    _ = NETS[chosen]
    slug = name or (f"my-{known.name}" if known else output.name.lower().replace("_", "-"))
    refuse_taken(slug)  # said now, not after hours of training
    return Order(
        data=data,
        net=chosen,
        name=slug,
        output=output,
        settings={**(known.settings if known else {}), **given},
        unseen=known.test if known else (),
        legend=legend or (known.legend if known else None),
        licence=_licence(known, words["licence"]),
        about=known.about if known else "",
        terms=words["terms"] or (known.data if known else ""),
        command=words["command"],
        test=places["test"],
        pictures=places["pictures"],
        labels=places["labels"],
    )


def lines_of(made: Planned) -> Iterator[str]:
    """Yield what was planned and why, a line for each choice that the data decided."""
    for key, why in made.reasons.items():
        value: Any = getattr(made.plan, key)
        yield f"plan: {key} = {_shown(value)}: {why}"


def _shown(value: Any) -> str:  # noqa: ANN401 - any setting
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _licence(known: Recipe | None, text: str) -> Licence:
    if text:
        return build(Licence, {"weights": text})
    return known.licence if known else Licence(weights="that of the data it was trained on")

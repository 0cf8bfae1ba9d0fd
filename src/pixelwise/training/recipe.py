"""Recipes: what the models that ship were trained with, one TOML file each, one command each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from pixelwise.cards import Licence
from pixelwise.core import Legend, build
from pixelwise.errors import UnknownName

__all__ = ["Recipe", "recipe", "recipes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a shipped model was trained with.

    Args:
        name: Of the model.
        net: Row of the NETS table.
        about: One sentence.
        data: What it was trained on, with its terms.
        licence: What the weights allow.
        settings: Of the plan, where they are not what the data decides.
        legend: Of the classes, where the data has none of its own.
        test: Names of pictures of the data that it was never shown, for its score.
    """

    name: str
    net: str
    about: str
    data: str
    licence: Licence
    settings: Mapping[str, Any] = field(default_factory=dict)
    legend: Legend | None = None
    test: tuple[str, ...] = ()


def recipes() -> tuple[str, ...]:
    """Return the names of the recipes.

    >>> "nuclei-unet" in recipes()
    True
    """
    folder = files("pixelwise.training").joinpath("recipes")
    return tuple(sorted(row.name.removesuffix(".toml") for row in folder.iterdir()))


def recipe(name: str) -> Recipe:
    """Return a recipe.

    Raises:
        UnknownName: There is no such recipe.
    """
    if name not in recipes():
        raise UnknownName.among("recipe", name, recipes())
    path = files("pixelwise.training").joinpath("recipes", f"{name}.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Recipe(
        name=name,
        net=table["net"],
        about=table["about"],
        data=table["data"],
        licence=build(Licence, table["licence"]),
        settings=table.get("settings", {}),
        legend=_legend(table.get("classes")),
        test=tuple(table.get("test", ())),
    )


def _legend(given: str | list[str] | None) -> Legend | None:
    if given is None:
        return None
    return Legend.official(given) if isinstance(given, str) else Legend.of(given)

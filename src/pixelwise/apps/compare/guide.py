"""The words of the comparison, and the setting that matters most for each method."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["FamilyText", "MethodText", "family_text", "method_text"]


@dataclass(frozen=True, slots=True)
class FamilyText:
    """Title and paragraph of a family."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MethodText:
    """How a method works, when it fails, its main setting and the values that a strip shows."""

    how: str
    fails: str
    main: str
    values: tuple[object, ...]


def family_text(name: str) -> FamilyText:
    """Return what is said about a family.

    >>> family_text("threshold").title
    'Thresholding'
    """
    return FamilyText(**_guide()["families"][name])


def method_text(name: str) -> MethodText:
    """Return what is said about a method; a method from elsewhere has nothing said about it."""
    row = _guide().get(name)
    if row is None:
        return MethodText("", "", "", ())
    return MethodText(row["how"], row["fails"], row["main"], tuple(row["values"]))


@cache
def _guide() -> dict[str, dict[str, Any]]:
    text = files("pixelwise.apps.compare").joinpath("guide.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)

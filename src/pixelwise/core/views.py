"""How nouns show themselves in notebooks: the drawing is found by name, at first use."""

from collections.abc import Callable
from typing import Any

from pixelwise.registry import Registry

__all__ = ["VIEWS"]

VIEWS: Registry[Callable[[Any], Any]] = Registry(
    "view",
    {
        "image_png": "pixelwise.drawing.notebook:image_png",
        "result_png": "pixelwise.drawing.notebook:result_png",
        "result_html": "pixelwise.drawing.notebook:result_html",
    },
)
"""Noun and kind of view -> what makes it. Nouns know numpy only, so they cannot draw."""

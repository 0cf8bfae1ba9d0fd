"""A method's own fields become sliders, choices and boxes."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_type_hints

import gradio as gr

from pixelwise.core import Prompts
from pixelwise.methods import METHODS

__all__ = ["controls_of", "takes_prompts"]

STEPS = 100
WIDER = 4.0
"""A slider without an upper end goes to so many times its default."""


def takes_prompts(name: str) -> bool:
    """Whether a method wants to be pointed at.

    >>> takes_prompts("grabcut"), takes_prompts("otsu")
    (True, False)
    """
    return name in METHODS and any(item.name == "prompts" for item in fields(METHODS[name]))


def controls_of(name: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of each setting of a method with a new control for it."""
    hints = get_type_hints(METHODS[name])
    for item in fields(METHODS[name]):
        made = _control(item, hints[item.name])
        if made is not None:
            yield item.name, made


def _control(item: Field[Any], hint: Any) -> Any:  # noqa: ANN401
    options = [option for option in get_args(hint) if option is not NoneType] or [hint]
    kind = options[0] if NoneType in get_args(hint) else hint
    default = None if item.default is MISSING else item.default
    words: dict[str, Any] = {
        "interactive": True,
        "label": item.name.replace("_", " "),
        "info": item.metadata.get("doc", ""),
        "elem_id": f"setting-{item.name}",
    }
    if isinstance(kind, type) and issubclass(kind, Enum):
        value = default.value if isinstance(default, Enum) else None
        return gr.Dropdown([str(member.value) for member in kind], value=value, **words)
    if kind is bool:
        return gr.Checkbox(bool(default), **words)
    if kind in (int, float):
        return _number(item, kind, default, words)
    if kind is Prompts or not isinstance(default, str | tuple | NoneType):
        return None
    if isinstance(default, tuple):
        return gr.Textbox(", ".join(map(str, default)), **words)
    return gr.Textbox(default, **words) if kind is str else None


def _number(
    item: Field[Any],
    kind: type,
    default: Any,  # noqa: ANN401
    words: dict[str, Any],
) -> Any:  # noqa: ANN401
    low, high = item.metadata.get("low"), item.metadata.get("high")
    if default is None and item.default is not MISSING:
        return gr.Number(None, precision=0 if kind is int else None, **words)
    start = low if low is not None else min(0, default or 0)
    end = high if high is not None else max(WIDER * (default or 0), start + 1)
    if default is None:
        default = (start + end) / 2
    end = max(min(end, max(WIDER * 16 * abs(default), start + 1)), default)
    step = 1 if kind is int else (end - start) / STEPS
    return gr.Slider(start, end, value=default, step=step, **words)

"""The settings of a method or network become sliders, choices and boxes."""

from collections.abc import Iterator
from dataclasses import MISSING, fields
from enum import Enum
from types import NoneType
from typing import Any, get_args

import gradio as gr

from pixelwise.catalog.pointing import is_prompted
from pixelwise.catalog.tuning import Knob, knobs
from pixelwise.core import Prompts
from pixelwise.methods import METHODS

__all__ = ["controls_of", "takes_prompts"]

STEPS = 100
WIDER = 4.0
"""A slider without an upper end goes to so many times its default."""


def takes_prompts(name: str) -> bool:
    """Whether a method or network wants to be pointed at.

    >>> takes_prompts("grabcut"), takes_prompts("otsu")
    (True, False)
    """
    if name in METHODS:
        return any(item.name == "prompts" for item in fields(METHODS[name]))
    return bool(name) and is_prompted(name)


def controls_of(name: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of each setting of a method or network with a new control for it."""
    for knob in knobs(name):
        made = _control(knob)
        if made is not None:
            yield knob.name, made


def _control(knob: Knob) -> Any:  # noqa: ANN401
    options = [option for option in get_args(knob.hint) if option is not NoneType] or [knob.hint]
    kind = options[0] if NoneType in get_args(knob.hint) else knob.hint
    default = None if knob.default is MISSING else knob.default
    words: dict[str, Any] = {
        "interactive": True,
        "label": knob.name.replace("_", " "),
        "info": knob.told.get("doc", ""),
        "elem_id": f"setting-{knob.name}",
    }
    if isinstance(kind, type) and issubclass(kind, Enum):
        value = default.value if isinstance(default, Enum) else None
        return gr.Dropdown([str(member.value) for member in kind], value=value, **words)
    if kind is bool:
        return gr.Checkbox(bool(default), **words)
    if kind in (int, float):
        return _number(knob, kind, default, words)
    if kind is Prompts or not isinstance(default, str | tuple | NoneType):
        return None
    if isinstance(default, tuple):
        return gr.Textbox(", ".join(map(str, default)), **words)
    return gr.Textbox(default, **words) if kind is str else None


def _number(
    knob: Knob,
    kind: type,
    default: Any,  # noqa: ANN401
    words: dict[str, Any],
) -> Any:  # noqa: ANN401
    low, high = knob.told.get("low"), knob.told.get("high")
    if default is None and knob.default is not MISSING:
        return gr.Textbox("", **words)  # a number box of Gradio cannot show that it is empty
    start = low if low is not None else min(0, default or 0)
    end = high if high is not None else max(WIDER * (default or 0), start + 1)
    if default is None:
        default = (start + end) / 2
    end = max(min(end, max(WIDER * 16 * abs(default), start + 1)), default)
    step = 1 if kind is int else (end - start) / STEPS
    return gr.Slider(start, end, value=default, step=step, **words)

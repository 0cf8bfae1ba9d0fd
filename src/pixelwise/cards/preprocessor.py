"""How a repository of a model hub feeds its network: the facts in its preprocessor file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pixelwise.cards.inputs import Channels, Fit, InputSpec, Layout
from pixelwise.errors import InvalidSetting, ModelError

__all__ = ["fed_as", "input_of"]

BYTE = 1 / 255
"""What values are multiplied by unless the file says otherwise."""

FILES = ("preprocessor_config.json", "processor_config.json")
"""Where transformers writes it: by itself, or among the facts of a whole processor."""


def input_of(folder: Path, otherwise: InputSpec) -> InputSpec:
    """Return how the pictures of a folder's network are fed; ``otherwise`` where no file says.

    Raises:
        ModelError: The file is damaged, or asks for what nothing here does.
    """
    for file in FILES:
        path = folder / file
        if path.is_file():
            try:
                facts = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise ModelError(f"{path} cannot be read: {error}") from error
            facts = facts.get("image_processor", facts) if isinstance(facts, dict) else None
            if not isinstance(facts, Mapping):
                raise ModelError(f"{path} holds no table")
            try:
                return fed_as(facts, otherwise)
            except (InvalidSetting, TypeError, ValueError, KeyError) as error:
                raise ModelError(f"{path} does not say how pictures are fed: {error}") from error
    return otherwise


def fed_as(facts: Mapping[str, Any], otherwise: InputSpec) -> InputSpec:
    """Return what the facts of an image processor say; what they leave out stays.

    >>> facts = {"size": {"height": 8, "width": 9}, "image_mean": [0.5, 0.5, 0.5]}
    >>> made = fed_as(facts, InputSpec(fit=Fit.FREE))
    >>> made.size, made.fit.value, made.mean
    ((8, 9), 'stretch', (127.5, 127.5, 127.5))
    """
    factor = float(facts.get("rescale_factor") or BYTE) if facts.get("do_rescale", True) else 1.0
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)
    if facts.get("do_normalize", True):
        own = [value * factor for value in otherwise.mean], [v * factor for v in otherwise.std]
        mean = facts.get("image_mean") or own[0]
        std = facts.get("image_std") or own[1]
    made = replace(
        otherwise,
        layout=Layout.NCHW,
        channels=Channels.BGR if facts.get("do_flip_channel_order") else Channels.RGB,
        mean=tuple(round(float(value) / factor, 4) for value in mean),
        std=tuple(round(float(value) / factor, 4) for value in std),
    )
    return _sized(made, facts)


def _sized(made: InputSpec, facts: Mapping[str, Any]) -> InputSpec:
    size = facts.get("size")
    step = int(facts.get("size_divisor") or 1) if facts.get("do_pad", True) else 1
    if not facts.get("do_resize", True):
        return replace(made, fit=Fit.FREE, height=0, width=0, multiple=step)
    if isinstance(size, int):
        longest = facts.get("max_size")
        size = {"shortest_edge": size, "longest_edge": longest} if longest else size
    if isinstance(size, int):
        return replace(made, fit=Fit.STRETCH, height=size, width=size)
    if not isinstance(size, Mapping):
        return made
    if size.get("height") and size.get("width"):
        return replace(made, fit=Fit.STRETCH, height=int(size["height"]), width=int(size["width"]))
    return _edged(made, facts, size, step)


def _edged(
    made: InputSpec, facts: Mapping[str, Any], size: Mapping[str, Any], step: int
) -> InputSpec:
    """Return the input of a network whose pictures keep their aspect."""
    short, long = int(size.get("shortest_edge") or 0), int(size.get("longest_edge") or 0)
    square = facts.get("pad_size") or {"height": long, "width": long}
    if facts.get("do_pad") and long and short in (0, long):
        tall, wide = int(square["height"]), int(square["width"])
        return replace(made, fit=Fit.LETTERBOX, height=tall, width=wide, pad=-1)
    if not short:
        raise InvalidSetting.of("size", dict(size), "height and width, or a shortest edge")
    if facts.get("do_split_image"):
        return replace(made, fit=Fit.WINDOWS, height=short, width=short)
    return replace(
        made, fit=Fit.SHORT_SIDE, height=short, width=0, longest=long, pad=-1, pad_multiple=step
    )

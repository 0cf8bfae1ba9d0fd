"""Options that several commands share; text becomes objects here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pixelwise.core import Prompts, Task
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.io.files import read

__all__ = [
    "Commercial",
    "Debug",
    "Device",
    "Json",
    "Method",
    "Model",
    "Offline",
    "Quality",
    "Runtime",
    "Settings",
    "Strict",
    "Threads",
    "Wanted",
    "parse_prompts",
    "parse_settings",
]

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Offline = Annotated[bool, typer.Option("--offline", help="Open no network connection.")]
Commercial = Annotated[
    bool, typer.Option("--commercial", help="Refuse weights that may not be used commercially.")
]
Wanted = Annotated[Task | None, typer.Option(help="What is wanted: the type of the answer.")]
Method = Annotated[str | None, typer.Option(help="A classical method by name: pixelwise methods.")]
Model = Annotated[
    str | None, typer.Option(help="A network by name (pixelwise models list), or a model file.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="A setting of the method or network; may repeat."
    ),
]
Quality = Annotated[
    int | None, typer.Option(min=0, max=63, help="Encoder's quality, smaller is better.")
]
Strict = Annotated[bool, typer.Option("--strict", help="End with 3 when frames are damaged.")]
Runtime = Annotated[
    str | None, typer.Option(help="Runtime for the network: litert, onnx, openvino, ...")
]
Device = Annotated[
    str | None, typer.Option(help="Device for the network, such as cuda; never changed silently.")
]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads for the network.")]


def parse_settings(pairs: Sequence[str]) -> dict[str, object]:
    """Return settings from ``key=value`` texts.

    Raises:
        InvalidSetting: A text has no ``=``.

    >>> parse_settings(["tolerance=6", "side=darker"])
    {'tolerance': '6', 'side': 'darker'}
    """
    settings: dict[str, object] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise InvalidSetting.of("--set", pair, "key=value")
        settings[key.replace("-", "_")] = value
    return settings


def parse_prompts(
    points: Sequence[str],
    boxes: Sequence[str],
    text: str | None,
    masks: Sequence[Path] = (),
) -> Prompts | None:
    """Return prompts from ``x,y`` or ``x,y:background`` or ``x,y:3`` and ``x0,y0,x1,y1`` texts.

    Masks are pictures whose pixels above 0 belong to an object.

    >>> parse_prompts(["3,4", "1,1:background"], [], None).labels.tolist()
    [1, 0]
    """
    if not points and not boxes and not text and not masks:
        return None
    places, labels = [], []
    for point in points:
        numbers, _, name = point.partition(":")
        places.append(_numbers("--point", numbers, (2, 3)))
        labels.append(_label(name))
    corners = [_numbers("--box", box, (4,)) for box in boxes]
    try:
        return Prompts(
            points=np.array(places, np.float32).reshape(len(places), -1) if places else [],
            labels=labels,
            boxes=np.array(corners, np.float32).reshape(-1, 4),
            masks=np.stack([read(path).pixels.any(axis=-1) for path in masks]) if masks else None,
            text=text or "",
        )
    except InputError as error:
        raise InvalidSetting(f"prompts: {error}") from error


def _numbers(option: str, text: str, counts: tuple[int, ...]) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidSetting.of(option, text, "numbers with commas between them") from error
    if len(numbers) not in counts:
        raise InvalidSetting.of(option, text, f"{counts[0]} numbers")
    return numbers


def _label(name: str) -> int:
    if name in ("", "object", "foreground"):
        return 1
    if name == "background":
        return 0
    if not name.isdigit():
        raise InvalidSetting.of("--point", name, "a label: background, or a number from 1")
    return int(name)

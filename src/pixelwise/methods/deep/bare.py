"""A model file without a card: tried in a child process, then understood as far as it says."""

from pathlib import Path

import numpy as np

from pixelwise.cards import (
    Card,
    DecoderSpec,
    Fit,
    Grow,
    Holds,
    InputSpec,
    Layout,
    Licence,
    LocalSource,
)
from pixelwise.core import Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes import RUNTIMES
from pixelwise.runtimes.loading import kind_of
from pixelwise.runtimes.tflite_facts import TfliteFacts, facts_of
from pixelwise.runtimes.trial import DEADLINE_S, try_model

__all__ = ["card_of", "card_of_file", "slug"]

NOTE = "This model has no card: how it is fed and read was guessed from the file."

CARD = "write a card for it, after one of pixelwise models show NAME --toml, for PIXELWISE_CARDS"
"""What to do about a file that cannot be guessed."""


def card_of_file(path: Path, *, runtime: str | None = None, seconds: float = DEADLINE_S) -> Card:
    """Return the card that a model file without one suggests.

    The file is first loaded and run in a child process with a deadline. Only networks that take
    one picture and answer for every pixel are understood. Where the file says nothing, inputs
    are fed 0..1 and answers are taken as the shape of the output suggests.

    Args:
        path: A ``.tflite`` or ``.onnx`` file.
        runtime: What runs it; None: the one that the format is named after.
        seconds: Deadline of the trial.

    Raises:
        UnknownName: There is no such runtime.
        ModelError: The file is damaged, dangerous, or no dense network.
    """
    kind = kind_of(path)
    if kind not in RUNTIMES:
        raise ModelError(f"{path.name} is {kind}; expected a .tflite or .onnx model")
    chosen = runtime or kind
    load = RUNTIMES[chosen]
    try_model(chosen, path, seconds=seconds)
    session = load(path, threads=1, device="cpu")
    if len(session.inputs) != 1:
        names = ", ".join(tensor.name for tensor in session.inputs)
        raise ModelError(f"{path.name} takes {len(session.inputs)} inputs ({names}); {CARD}")
    facts = facts_of(path) if kind == "litert" else TfliteFacts()
    return card_of(path.name, chosen, (session.inputs[0], session.outputs[0]), facts)


def card_of(file: str, runtime: str, tensors: tuple[Tensor, Tensor], facts: TfliteFacts) -> Card:
    """Return the card that input and output suggest.

    Raises:
        ModelError: They are not those of a dense network.
    """
    taken, given = tensors
    spec = _input(file, taken, facts)
    channels, decoder = _decoder(file, given, spec)
    legend = _legend(channels, facts.labels)
    return Card(
        name=slug(file),
        task=Task.FOREGROUND if len(legend) == 2 else Task.SEMANTIC,
        legend=legend,
        runtimes=(runtime,),
        input=spec,
        decoder=decoder,
        sources=(LocalSource(file=slug(file)),),
        licence=Licence(),
        about="A model file without a card.",
        notes=(NOTE,),
    )


def _input(file: str, tensor: Tensor, facts: TfliteFacts) -> InputSpec:
    shape = tensor.shape
    layouts = [
        layout
        for layout, axis in ((Layout.NHWC, 3), (Layout.NCHW, 1))
        if len(shape) == 4 and shape[axis] == 3
    ]
    height, width = (shape[1:3] if layouts[:1] == [Layout.NHWC] else shape[2:4]) or (0, 0)
    if not layouts or not height or not width:
        raise ModelError(f"{file} takes {shape}, not one RGB picture of a fixed size; {CARD}")
    mean, std = facts.mean or (0.0,), facts.std or (255.0,)
    if tensor.dtype == np.uint8 and tensor.scale:  # bytes as they are
        mean, std = (float(tensor.zero),), (1 / tensor.scale,)
    is_mediapipe = bool(facts.mean)
    return InputSpec(
        height=height,
        width=width,
        layout=layouts[0],
        mean=tuple(mean) * (3 // len(mean)),
        std=tuple(std) * (3 // len(std)),
        fit=Fit.CORNERS if is_mediapipe else Fit.STRETCH,
    )


def _decoder(file: str, tensor: Tensor, spec: InputSpec) -> tuple[int, DecoderSpec]:
    """Return the number of channels, 0 for ids, and how they are read."""
    shape = tensor.shape
    if tensor.dtype.kind in "iu" and not tensor.scale and len(shape) == 3:
        return 0, DecoderSpec(holds=Holds.IDS)
    if len(shape) != 4:
        raise ModelError(f"{file} answers {shape}, not a plane of classes; {CARD}")
    channels = shape[3] if spec.layout is Layout.NHWC else shape[1]
    if not channels:
        raise ModelError(f"{file} answers {shape}: the number of classes is open")
    grow = Grow.CORNERS if spec.fit is Fit.CORNERS else Grow.CENTRES
    holds = Holds.PROBABILITY if channels == 1 else Holds.LOGITS
    return channels, DecoderSpec(holds=holds, grow=grow)


def _legend(channels: int, labels: tuple[str, ...]) -> Legend:
    wanted = {0: len(labels) or 256, 1: 2}.get(channels, channels)
    if len(labels) == wanted and len(set(labels)) == wanted:
        return Legend.of(labels)
    if wanted == 2:
        return Legend.of(["background", "foreground"], things=["foreground"])
    return Legend.of([f"class {number}" for number in range(wanted)])


def slug(file: str) -> str:
    """Return the name of a file as a card's name.

    >>> slug("My Net.onnx")
    'my-net-onnx'
    """
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in file.lower())
    return "-".join(part for part in kept.split("-") if part) or "model"

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
from pixelwise.methods.deep.network import Network
from pixelwise.runtimes import RUNTIMES
from pixelwise.runtimes.loading import kind_of
from pixelwise.runtimes.tflite_facts import TfliteFacts, facts_of
from pixelwise.runtimes.trial import DEADLINE_S, try_model

__all__ = ["card_of", "open_file", "slug"]

NOTE = "This model has no card: how it is fed and read was guessed from the file."


def open_file(
    path: Path,
    *,
    device: str = "cpu",
    threads: int | None = None,
    seconds: float = DEADLINE_S,
) -> Network:
    """Return the network in a model file that has no card.

    The file is first loaded and run in a child process with a deadline. Only networks that take
    one picture and answer for every pixel are understood. Where the file says nothing, inputs
    are fed 0..1 and answers are taken as the shape of the output suggests.

    Args:
        path: A ``.tflite`` or ``.onnx`` file.
        device: Where it runs.
        threads: Threads of the runtime; None: one a core, at most 4.
        seconds: Deadline of the trial.

    Raises:
        ModelError: The file is damaged, dangerous, or no dense network.
    """
    runtime = kind_of(path)
    if runtime not in RUNTIMES:
        raise ModelError(f"{path.name} is {runtime}; expected a .tflite or .onnx model")
    try_model(runtime, path, seconds=seconds)
    session = RUNTIMES[runtime](path, threads=1, device="cpu")
    facts = facts_of(path) if runtime == "litert" else TfliteFacts()
    card = card_of(path.name, runtime, (session.inputs[0], session.outputs[0]), facts)
    return Network.load(card, path, device=device, threads=threads)


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
        raise ModelError(
            f"{file} takes {shape}, not one RGB picture of a fixed size; write a card for it"
        )
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
        raise ModelError(f"{file} answers {shape}, not a plane of classes; write a card for it")
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

"""The FORMS table: what a network can be exported to, each proved against the network in torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, Fit
from pixelwise.core import Image, Session
from pixelwise.errors import ModelError, UsageError
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.volumes import fed
from pixelwise.registry import Registry
from pixelwise.runtimes import RUNTIMES
from pixelwise.training.draft import Draft
from pixelwise.training.exporting import to_onnx
from pixelwise.training.judging import segmenter_of
from pixelwise.training.keeping import write_json
from pixelwise.training.proof import Proof, proved

__all__ = ["FORMS", "Export", "Form", "Source", "export", "loaded"]

WRITERS: Registry[Callable[[Draft, Path], None]] = Registry(
    "export",
    {
        "onnx": "pixelwise.training.exporting:halved train",
        "int8": "pixelwise.training.exporting:quantised train",
        "openvino": "pixelwise.training.openvino:to_openvino openvino",
        "litert": "pixelwise.training.litert:to_litert litert",
    },
)
"""Form -> ``write(draft, target)``."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a network.

    Args:
        ending: Of the file's name.
        runtime: Row of RUNTIMES that runs it.
        least: Agreement with the network from which it counts as equal.
        is_fixed: Whether the sides of its input are fixed.
    """

    ending: str
    runtime: str
    least: float
    is_fixed: bool = False


FORMS = {
    "onnx": Form(".onnx", "onnx", 0.995),
    "int8": Form("-int8.onnx", "onnx", 0.97),
    "openvino": Form(".xml", "openvino", 0.995),
    "litert": Form(".tflite", "litert", 0.995, is_fixed=True),
}
"""Name -> the form: weights in 16 bits, 8-bit arithmetic, or, for LiteRT, 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A network to be exported.

    Args:
        card: What it is.
        module: The torch module: pixels to a tensor or several.
        session: The same as a session.
        shape: Of an input to follow it with.
    """

    card: Card
    module: Any
    session: Session
    shape: tuple[int, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """Names of what it gives."""
        return tuple(tensor.name for tensor in self.session.outputs)


@dataclass(frozen=True, slots=True)
class Export:
    """One file that was written, how it compares, and the card by which it is fed."""

    path: Path
    proof: Proof
    card: Card


def export(
    source: Source, forms: Sequence[str], pictures: Mapping[str, Image], folder: Path
) -> dict[str, Export]:
    """Write a network in several forms, run each on sample pictures and compare it with torch.

    ``proof.json`` beside the files holds what was found. A form that is not equal is written all
    the same: whoever calls decides.

    Args:
        source: The network.
        forms: Names of FORMS.
        pictures: Name -> sample.
        folder: Where to.

    Raises:
        UnknownName: There is no such form.
        MissingExtra: A form needs a package that is not there.
        UsageError: A form cannot hold such a network.
        ModelError: The network cannot be exported.
    """
    writers = {name: WRITERS[name] for name in forms}
    cards = {name: _fitting(source, FORMS[name]) for name in forms}
    raw = folder / ".whole.onnx"
    made = {}
    try:
        to_onnx(source.module, source.shape, source.answers, raw)
        samples = _samples(source.card, loaded(raw, "onnx"), pictures) if "int8" in forms else []
        draft = Draft(onnx=raw, module=source.module, shape=source.shape, samples=samples)
        for name, write in writers.items():
            path = folder / f"{source.card.name}{FORMS[name].ending}"
            write(draft, path)
            session = loaded(path, FORMS[name].runtime)
            card = _naming(cards[name], source.answers, session)
            truth, answer = segmenter_of(cards[name], source.session), segmenter_of(card, session)
            made[name] = Export(path, proved(truth, answer, pictures, FORMS[name].least), card)
    finally:
        raw.unlink(missing_ok=True)
    write_json(folder / "proof.json", {name: one.proof.to_dict() for name, one in made.items()})
    return made


def _fitting(source: Source, form: Form) -> Card:
    """Return the card by which a form is fed: one with fixed sides takes pictures in tiles.

    Raises:
        UsageError: A network of volumes, which have too many sides to be fixed.
    """
    card = source.card
    if not form.is_fixed:
        return card
    if card.volume is not None:
        raise UsageError(f"{card.name} takes volumes of any size; {form.runtime} files do not")
    height, width = source.shape[-2:]
    fixed = {Fit.FREE: Fit.TILES, Fit.SHORT_SIDE: Fit.LETTERBOX}
    fit = fixed.get(card.input.fit, card.input.fit)
    return replace(card, input=replace(card.input, fit=fit, height=height, width=width))


def _naming(card: Card, answers: Sequence[str], session: Session) -> Card:
    """Return the card with the names that a file has for the answers which count."""
    names = dict(zip(answers, (tensor.name for tensor in session.outputs), strict=True))
    tensors = tuple(names[name] for name in card.decoder.tensors)
    return replace(card, decoder=replace(card.decoder, tensors=tensors))


def loaded(path: Path, runtime: str) -> Session:
    """Return a file as users' machines will run it."""
    return RUNTIMES[runtime](path, threads=None, device="cpu")


def _samples(
    card: Card, session: Session, pictures: Mapping[str, Image]
) -> list[NDArray[np.float32]]:
    """Return pictures as a network is fed them, (1, C, ...) float32 each."""
    if card.volume is not None:
        return [fed(image, card) for image in pictures.values()]
    preparer = Preparer.of(card.input, session.inputs)
    name = session.inputs[0].name
    found = []
    for image in pictures.values():
        feeds, _ = preparer.fill(image, session)
        found.append(np.array(feeds.get(name, session.buffer(name))))
    if not found:
        raise ModelError("8 bits need some pictures to find the ranges of values by")
    return found

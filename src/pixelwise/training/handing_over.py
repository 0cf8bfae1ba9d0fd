"""What ``pixelwise export`` does: finds the network, the pictures, and writes the forms."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from pixelwise.cards import Card, Fit, Layout
from pixelwise.cards.deck import load_cards, sections_of
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.installing import card_text
from pixelwise.cards.sources import LocalSource
from pixelwise.catalog.loading import Access, load_folder, load_network
from pixelwise.core import Segmenter
from pixelwise.errors import InputError, UsageError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import read
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.network import Network
from pixelwise.runtimes.configs import CONFIG
from pixelwise.runtimes.torch import TorchSession
from pixelwise.training.finishing import source_of
from pixelwise.training.forms import FORMS, Export, Source, export
from pixelwise.training.heads.boxes import Boxed
from pixelwise.training.job import best_net
from pixelwise.training.judging import NetSession
from pixelwise.training.keeping import kept_plan
from pixelwise.training.reading import SUFFIXES

__all__ = ["export_model", "withdraw"]

SIDE = 256
"""Side of the picture by which a network without a size of its own is followed."""


def export_model(
    model: str, forms: Sequence[str], pictures: Path, output: Path, most: int
) -> dict[str, Export]:
    """Export a training's best network, or one that runs in torch or transformers.

    Each ONNX and LiteRT file gets a card beside it, ``<model>-<form>``, which
    ``PIXELWISE_CARDS`` finds.

    Args:
        model: Folder of a training or of ``save_pretrained``, or a card's name.
        forms: Names of FORMS.
        pictures: Folder of sample pictures.
        output: Folder for the files.
        most: Pictures that are compared.

    Raises:
        InputError: There are no pictures.
        UsageError: The model does not run in torch.
    """
    paths = [path for path in sorted(pictures.rglob("*")) if path.name.endswith(SUFFIXES)]
    if not paths:
        raise InputError(f"{pictures}: there are no pictures in it", reason="empty")
    step = max(1, len(paths) // most)
    shown = {path.name: read(path) for path in paths[::step][:most]}
    source = _source(model)
    make_folder(output)
    made = export(source, forms, shown, output)
    for form, one in made.items():
        if one.path.suffix in (".onnx", ".tflite"):
            write_bytes(output / f"{source.card.name}-{form}.toml", _card_of(form, one))
    return made


def _card_of(form: str, one: Export) -> bytes:
    """Return the card of an exported file as TOML."""
    file = LocalSource(file=one.path.name, sha256=sha256_of(one.path), size=one.path.stat().st_size)
    runtimes, name = (FORMS[form].runtime,), f"{one.card.name}-{form}"
    card = replace(one.card, name=name, runtimes=runtimes, architecture="", sources=(file,))
    return card_text(card).encode()


def withdraw(form: str, one: Export) -> None:
    """Remove a file that was written, with what lies beside it for it."""
    card = one.path.with_name(f"{one.card.name}-{form}.toml")
    for path in (one.path, card, one.path.with_suffix(".bin")):
        path.unlink(missing_ok=True)


def _source(model: str) -> Source:
    """Return the network that is meant, ready to be followed."""
    folder = Path(model)
    if (folder / CONFIG).is_file():
        return _of_transformers(model, load_folder(folder, {}, Access()))
    if folder.is_dir():
        return _trained(folder)
    card = load_cards()[model]
    if "torch" in card.runtimes:
        return _of_torch(load_network(card, {"runtime": "torch"}, Access()))
    if "transformers" in card.runtimes and card.decoder.name in DECODERS:
        return _of_transformers(model, load_network(card, {"runtime": "transformers"}, Access()))
    raise UsageError(f"{model} runs on {', '.join(card.runtimes)}, not in torch")


def _trained(folder: Path) -> Source:
    """Return the best network of a training's folder, with its card."""
    plan = kept_plan(folder)
    cards = sorted(folder.glob("*.toml"), key=lambda path: len(path.name))
    if not cards:  # those of exports that were written here have longer names
        raise UsageError(f"{folder}: its training has not finished; run the same command again")
    ((name, section),) = sections_of(cards[0].read_text(encoding="utf-8")).items()
    card = Card.read(name, tomllib.loads(section)[name])
    return source_of(best_net(folder, plan), plan, card)


def _of_torch(network: Network) -> Source:
    """Return the source of a network that runs in torch."""
    session: TorchSession = network.session  # type: ignore[assignment]
    module = Boxed(session.module) if session.takes_list else session.module
    names = [tensor.name for tensor in session.outputs]
    shape = _shape(network.card)
    own = NetSession(_Named(module), (1, shape[1], 0, 0), names)
    return Source(
        card=_fed_by_channel(network.card), module=_Named(module), session=own, shape=shape
    )


def _of_transformers(name: str, network: Segmenter) -> Source:
    """Return the source of a network of transformers.

    Raises:
        UsageError: It is told something beside the picture, or sees a picture in windows.
    """
    if not isinstance(network, Network) or len(network.session.inputs) > 1:
        raise UsageError(f"{name} is told something beside the picture, which no file here takes")
    if network.card.input.fit is Fit.WINDOWS:
        raise UsageError(f"{name} sees a picture in several windows, which no file here takes")
    session: Any = network.session  # of transformers, which is an extra of its own
    module = _Fields(session.network, session.fields)
    card = _fed_by_channel(network.card)
    return Source(card=card, module=module, session=session, shape=_shape(card))


def _shape(card: Card) -> tuple[int, ...]:
    """Return the shape of a picture to follow a network with."""
    height, width = (side or max(card.input.size) or SIDE for side in card.input.size)
    return (1, len(card.input.mean), height, width)


def _fed_by_channel(card: Card) -> Card:
    return replace(card, input=replace(card.input, layout=Layout.NCHW, tensor=""))


class _Fields(torch.nn.Module):
    """A network of transformers whose answer becomes a tuple of the fields that are used.

    Args:
        network: It.
        fields: Their names.
    """

    def __init__(self, network: torch.nn.Module, fields: Sequence[str]) -> None:
        super().__init__()
        self.network, self.fields = network, fields

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the answers for pixels (1, C, H, W)."""
        answer = self.network(pixel_values=pixels)
        return tuple(answer[field] for field in self.fields)


class _Named(torch.nn.Module):
    """A module whose answers by name become a tuple, in their order.

    Args:
        module: It.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the answers for pixels (1, C, H, W)."""
        answer = self.module(pixels)
        if isinstance(answer, dict):
            answer = tuple(answer.values())
        return answer if isinstance(answer, tuple) else (answer,)

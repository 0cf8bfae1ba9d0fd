"""What ``pixelwise export`` does: finds the network, the pictures, and writes the forms."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from pixelwise.cards import Card, Layout
from pixelwise.cards.deck import load_cards, sections_of
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.installing import card_text
from pixelwise.cards.sources import LocalSource
from pixelwise.catalog.loading import Access, load_network
from pixelwise.errors import InputError, UsageError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import read
from pixelwise.runtimes.torch import TorchSession
from pixelwise.training.finishing import source_of
from pixelwise.training.forms import FORMS, Export, Source, export
from pixelwise.training.heads.boxes import Boxed
from pixelwise.training.job import best_net
from pixelwise.training.judging import NetSession
from pixelwise.training.keeping import kept_plan
from pixelwise.training.reading import SUFFIXES

__all__ = ["export_model"]

SIDE = 256
"""Side of the picture by which a network without a size of its own is followed."""


def export_model(
    model: str, forms: Sequence[str], pictures: Path, output: Path, most: int
) -> dict[str, Export]:
    """Export a training's best network, or the network of a card that runs in torch.

    Each ONNX and LiteRT file gets a card beside it, ``<model>-<form>``, which
    ``PIXELWISE_CARDS`` finds.

    Args:
        model: Folder of a training, or a card's name.
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
    source = _trained(Path(model)) if Path(model).is_dir() else _named(model)
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


def _trained(folder: Path) -> Source:
    """Return the best network of a training's folder, with its card."""
    plan = kept_plan(folder)
    cards = sorted(folder.glob("*.toml"), key=lambda path: len(path.name))
    if not cards:  # those of exports that were written here have longer names
        raise UsageError(f"{folder}: its training has not finished; run the same command again")
    ((name, section),) = sections_of(cards[0].read_text(encoding="utf-8")).items()
    card = Card.read(name, tomllib.loads(section)[name])
    return source_of(best_net(folder, plan), plan, card)


def _named(name: str) -> Source:
    """Return the network of a card that runs in torch."""
    card = load_cards()[name]
    if "torch" not in card.runtimes:
        raise UsageError(f"{name} runs on {', '.join(card.runtimes)}, not in torch")
    network = load_network(card, {"runtime": "torch"}, Access())
    session: TorchSession = network.session  # type: ignore[assignment]
    module = Boxed(session.module) if session.takes_list else session.module
    names = [tensor.name for tensor in session.outputs]
    height, width = (side or max(card.input.size) or SIDE for side in card.input.size)
    bands = len(card.input.mean)
    own = NetSession(_Named(module), (1, bands, 0, 0), names)
    card = replace(card, input=replace(card.input, layout=Layout.NCHW))
    return Source(card=card, module=_Named(module), session=own, shape=(1, bands, height, width))


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

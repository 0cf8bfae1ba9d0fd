"""A name becomes one ready segmenter."""

from collections.abc import Mapping
from pathlib import Path

from pixelwise.cards import AnswerShape, Card
from pixelwise.cards.deck import load_cards
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.store import refuse_restricted
from pixelwise.catalog.loading import (
    Access,
    Loading,
    load_folder,
    load_for_volumes,
    load_network,
    load_prompted,
    opened,
)
from pixelwise.core import Segmenter, build
from pixelwise.errors import LicenceError, UnknownName
from pixelwise.methods import METHODS
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.bare import card_of_file
from pixelwise.methods.deep.network import Network
from pixelwise.methods.deep.tiles import Tiled

__all__ = ["decided", "find", "find_with"]


def find(name: str, **settings: object) -> Segmenter:
    """Return the method, or the network with that card, ready to be called.

    Args:
        name: ``"otsu"``, a card's name, the path of a model file without a card,
            or of a folder that transformers' ``save_pretrained`` wrote.
        **settings: Its settings, as values or text; for networks those of :class:`Loading`.

    Raises:
        UnknownName: There is no such method, model or setting.
        InvalidSetting: A setting does not fit.
        ModelError: The model file cannot be got, or is damaged.

    >>> find("otsu", side="darker")
    Otsu(side=<Side.DARKER: 'darker'>, ...)
    """
    return find_with(name, settings, Access())


def find_with(name: str, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return what :func:`find` does, saying how files may be got.

    Raises:
        UnknownName: There is no such method, model or setting.
        InvalidSetting: A setting does not fit.
        ModelError: The model file cannot be got, or is damaged.
    """
    if name in METHODS:
        return build(METHODS[name], settings)
    cards = load_cards()
    if name in cards and cards[name].volume is not None:
        return load_for_volumes(cards[name], settings, access)
    if name in cards and cards[name].decoder.name is AnswerShape.PROMPTED:
        return load_prompted(cards[name], settings, access)
    if name in cards:
        return _in_tiles(load_network(cards[name], settings, access), settings)
    if Path(name).is_file():
        return _load_file(Path(name), settings, access)
    if Path(name).is_dir():
        found = load_folder(Path(name), settings, access)
        return _in_tiles(found, settings) if isinstance(found, Network) else found
    raise UnknownName.among("method or model", name, [*METHODS, *cards])


def _in_tiles(network: Network, settings: Mapping[str, object]) -> Segmenter:
    """Return the network, shown tiles where the settings ask for them."""
    loading = build(Loading, settings)
    if loading.tiles is None:
        return network
    side, overlap = loading.tiles, loading.overlap
    return Tiled(segmenter=network, height=side, width=side, overlap=overlap)


def decided(card: Card) -> dict[str, object]:
    """Return the settings with which a card shows only what is likely enough for people.

    A network that :func:`find` returns gives every candidate with its score, which is what
    measuring, fusing and tracking want.
    """
    return {"threshold": card.decoder.threshold} if card.decoder.floor else {}


def _load_file(path: Path, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return the network in a file: by the card that has its hash, else as far as it says itself.

    A file without a card is tried in a child process first.
    """
    loading = build(Loading, settings)
    commercial = loading.commercial or access.commercial
    card = _card_with(sha256_of(path))
    if card is not None:
        access.say(f"{path} is the file of the card {card.name}")
        if commercial:
            refuse_restricted(card)
    elif commercial:
        raise LicenceError(f"{path} has no card, so nobody says that it may be used commercially")
    else:
        card = card_of_file(path, runtime=loading.runtime)
        for note in card.notes:
            access.say(f"{path}: {note}")
    return _in_tiles(opened(card, path, loading), settings)


def _card_with(sha256: str) -> Card | None:
    """Return the card of pictures that consists of the one file with that hash."""
    return next(
        (
            card
            for card in load_cards().values()
            if card.decoder.name in DECODERS
            and card.volume is None
            and any(source.sha256 == sha256 for source in card.sources)
        ),
        None,
    )

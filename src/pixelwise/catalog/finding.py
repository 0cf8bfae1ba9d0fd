"""A name becomes one ready segmenter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pixelwise.cards import Card
from pixelwise.cards.deck import load_cards
from pixelwise.cards.store import Store
from pixelwise.catalog.listing import runtime_state, usable_runtime
from pixelwise.core import Segmenter, build, setting
from pixelwise.errors import LicenceError, MissingExtra, ModelError, UnknownName, UsageError
from pixelwise.methods import METHODS
from pixelwise.methods.deep import SEGMENTERS
from pixelwise.methods.deep.bare import open_file
from pixelwise.methods.deep.network import Network
from pixelwise.methods.deep.tiles import Tiled
from pixelwise.runtimes import PACKAGES, RUNTIMES

__all__ = ["Access", "Loading", "decided", "find", "find_with", "load_network"]


def _silent(_: str) -> None:
    """Say nothing: the answer's provenance tells."""


def _unshown(_: int, __: int | None) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How model files may be got.

    Args:
        offline: Open no network connection.
        commercial: Refuse weights whose commercial use is not allowed.
        say: Takes one line for the user, such as the licence before the first download.
        progress: Takes the bytes so far and the bytes in all.
    """

    offline: bool = False
    commercial: bool = False
    say: Callable[[str], None] = _silent
    progress: Callable[[int, int | None], None] = _unshown


@dataclass(frozen=True, kw_only=True)
class Loading:
    """The settings that every network has."""

    runtime: str | None = setting(None, "Runtime; the first of the card that is here when empty.")
    device: str = setting("cpu", "Device; never changed silently.")
    threads: int | None = setting(None, "Threads; as many as cores, at most 4, when empty.", low=1)
    threshold: float | None = setting(
        None, "Least score of a thing; empty: every candidate that the card keeps.", low=0, high=1
    )
    tiles: int | None = setting(
        None, "Side of square tiles in pixels that pictures are cut into; empty: none.", low=16
    )
    overlap: float = setting(0.25, "Share of a tile that its neighbour sees.", low=0, high=0.9)
    trust_pickle: bool = setting(False, "Read plain tensors of pickled weights; refused else.")
    offline: bool = setting(False, "Open no network connection.")
    commercial: bool = setting(False, "Refuse weights that may not be used commercially.")


def find(name: str, **settings: object) -> Segmenter:
    """Return the method, or the network with that card, ready to be called.

    Args:
        name: ``"otsu"``, a card's name, or the path of a model file without a card.
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
    """Return what :func:`find` does, saying how files may be got."""
    if name in METHODS:
        return build(METHODS[name], settings)
    cards = load_cards()
    if name in cards and cards[name].volume is not None:
        return _load_for_volumes(cards[name], settings, access)
    if name in cards:
        return _in_tiles(load_network(cards[name], settings, access), settings)
    if Path(name).is_file():
        return _load_file(Path(name), settings, access)
    raise UnknownName.among("method or model", name, [*METHODS, *cards])


def _in_tiles(network: Network, settings: Mapping[str, object]) -> Segmenter:
    """Return the network, shown tiles where the settings ask for them."""
    loading = build(Loading, settings)
    if loading.tiles is None:
        return network
    side, overlap = loading.tiles, loading.overlap
    return Tiled(segmenter=network, height=side, width=side, overlap=overlap)


def load_network(card: Card, settings: Mapping[str, object], access: Access) -> Network:
    """Return the network of a card, its file fetched if need be and its hash checked."""
    loading = build(Loading, settings)
    runtime = _runtime_for(card, loading.runtime)
    card = _from_score(card, loading.threshold)
    store = Store.from_environment()
    path = store.path(
        card,
        offline=access.offline or loading.offline,
        commercial=access.commercial or loading.commercial,
        progress=access.progress,
        say=access.say,
    )
    return Network.load(
        card,
        path,
        runtime=runtime,
        device=loading.device,
        threads=loading.threads,
        trust_pickle=loading.trust_pickle,
    )


def _load_for_volumes(card: Card, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return the network of a card that takes whole volumes, with all its files here."""
    loading = build(Loading, settings)
    runtime = _runtime_for(card, loading.runtime)
    paths = Store.from_environment().pull(
        card,
        offline=access.offline or loading.offline,
        commercial=access.commercial or loading.commercial,
        progress=access.progress,
        say=access.say,
    )
    return SEGMENTERS["volumes"](
        card=card,
        path=paths["model"],
        runtime=runtime,
        device=loading.device,
        threads=loading.threads,
    )


def decided(card: Card) -> dict[str, object]:
    """Return the settings with which a card shows only what is likely enough for people.

    A network that :func:`find` returns gives every candidate with its score, which is what
    measuring, fusing and tracking want.
    """
    return {"threshold": card.decoder.threshold} if card.decoder.floor else {}


def _from_score(card: Card, threshold: float | None) -> Card:
    """Return the card with another least score; None: that of its candidates."""
    wanted = card.decoder.floor or None if threshold is None else threshold
    if wanted is None:
        return card
    return replace(card, decoder=replace(card.decoder, threshold=wanted))


def _load_file(path: Path, settings: Mapping[str, object], access: Access) -> Network:
    """Return the network in a file without a card, which a child process has tried first."""
    loading = build(Loading, settings)
    if loading.commercial or access.commercial:
        raise LicenceError(f"{path} has no card, so nobody says that it may be used commercially")
    network = open_file(path, device=loading.device, threads=loading.threads)
    for note in network.card.notes:
        access.say(f"{path}: {note}")
    return network


def _runtime_for(card: Card, wanted: str | None) -> str:
    if wanted is not None and wanted not in RUNTIMES:
        raise UnknownName.among("runtime", wanted, RUNTIMES)
    if wanted is not None and wanted not in card.runtimes:
        raise UsageError(f"{card.name} runs on {', '.join(card.runtimes)}, not on {wanted}")
    runtime = wanted or usable_runtime(card) or card.runtime
    if runtime not in RUNTIMES:
        raise ModelError(f"{card.name} needs the runtime {runtime}, which pixelwise has not yet")
    if runtime_state(runtime) is not None:
        raise MissingExtra.of(card.name, PACKAGES[runtime], RUNTIMES.extra_of(runtime) or runtime)
    return runtime

"""A card becomes one loaded network: which runtime, which files, which settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from pixelwise.cards import AnswerShape, Card
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.measured import measured
from pixelwise.cards.preprocessor import input_of
from pixelwise.cards.speeds import threads_of
from pixelwise.cards.store import Store
from pixelwise.catalog.listing import runtime_state, usable_runtime
from pixelwise.core import Provenance, Segmenter, build, check_ranges, setting
from pixelwise.errors import (
    InvalidSetting,
    LicenceError,
    MissingExtra,
    ModelError,
    UnknownName,
    UsageError,
)
from pixelwise.methods.deep import SEGMENTERS
from pixelwise.methods.deep.asked import FromFiles
from pixelwise.methods.deep.bare_folder import card_of_folder, weights_in
from pixelwise.methods.deep.network import Network
from pixelwise.methods.deep.prompted import Asking
from pixelwise.methods.deep.windows import Sliding
from pixelwise.runtimes import PACKAGES, RUNTIMES

__all__ = [
    "Access",
    "Loading",
    "load_folder",
    "load_for_volumes",
    "load_network",
    "load_prompted",
    "opened",
]


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

    runtime: str | None = setting(None, "Runtime; the fastest of the card that is here when empty.")
    device: str = setting("cpu", "Device; never changed silently.")
    threads: int | None = setting(
        None, "Threads; as many as make it faster, at most 4, when empty.", low=1
    )
    threshold: float | None = setting(
        None, "Least score of a thing; empty: every candidate that the card keeps.", low=0, high=1
    )
    tiles: int | None = setting(
        None,
        "Side of square tiles that pictures are cut into, or of windows that slide over volumes;"
        " empty: none.",
        low=16,
    )
    overlap: float = setting(0.25, "Share of a tile that its neighbour sees.", low=0, high=0.9)
    mirror: tuple[int, ...] = setting(
        (),
        "Axes along which it is also run mirrored, and the answers averaged: 0,1; empty: none.",
        low=0,
        high=2,
    )
    trust_pickle: bool = setting(False, "Read plain tensors of pickled weights; refused else.")
    offline: bool = setting(False, "Open no network connection.")
    commercial: bool = setting(False, "Refuse weights that may not be used commercially.")

    def __post_init__(self) -> None:
        check_ranges(self)

    def refuse(self, what: str, *names: str) -> None:
        """Raise if one of these settings was given: it has no meaning for ``what``.

        Raises:
            InvalidSetting: One was given.
        """
        for item in fields(self):
            if item.name in names and getattr(self, item.name) != item.default:
                left_out = f"left out: it has no meaning for {what}"
                raise InvalidSetting.of(item.name, getattr(self, item.name), left_out)


def load_network(card: Card, settings: Mapping[str, object], access: Access) -> Network:
    """Return the network of a card, its file fetched if need be and its hash checked."""
    loading = build(Loading, settings)
    return opened(card, _pulled(card, loading, access)["model"], loading)


def opened(card: Card, path: Path, loading: Loading) -> Network:
    """Return the network of a file that is here."""
    runtime = _runtime_for(card, loading.runtime)
    network = Network(
        card=_from_score(_fed(_true(card), runtime, path), loading.threshold),
        path=path,
        runtime=runtime,
        device=loading.device,
        threads=threads_of(card) if loading.threads is None else loading.threads,
        trust_pickle=loading.trust_pickle,
        mirror=loading.mirror,
    )
    _ = network.session  # a damaged file is told now
    return network


def _fed(card: Card, runtime: str, path: Path) -> Card:
    """Return the card with the input that the preprocessor file beside its model describes."""
    if runtime != "transformers":
        return card
    return replace(card, input=input_of(path.parent, card.input))


def _true(card: Card) -> Card:
    """Return the card with the temperature that was fitted here, where one was."""
    fitted = measured("temperatures").get(card.name)
    if fitted is None:
        return card
    return replace(card, decoder=replace(card.decoder, temperature=float(fitted)))


def load_prompted(card: Card, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return the network of a card that is told what to segment."""
    loading, asking = _split(settings)
    return told(card, _pulled(card, loading, access), loading, asking)


def _split(settings: Mapping[str, object]) -> tuple[Loading, Asking]:
    """Return the settings of loading and those of asking."""
    known = {item.name for item in fields(Asking)}
    asking = {name: value for name, value in settings.items() if name in known}
    rest = {name: value for name, value in settings.items() if name not in known}
    return build(Loading, rest), build(Asking, asking)


def load_folder(folder: Path, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return the network in a folder that transformers' ``save_pretrained`` wrote.

    Raises:
        LicenceError: Only what may be used commercially is wanted, which nobody says of a folder.
        ModelError: The folder holds no network that is known here.
    """
    card, path = card_of_folder(folder), weights_in(folder)
    loading, asking = _split(settings)
    if loading.commercial or access.commercial:
        raise LicenceError(f"{folder} has no card, so nobody says that it may be used commercially")
    if card.decoder.name is AnswerShape.PROMPTED:
        return told(card, {"model": path}, loading, asking)
    return opened(card, path, loading)


def told(card: Card, paths: Mapping[str, Path], loading: Loading, asking: Asking) -> Segmenter:
    """Return a network of files that are here, told what to segment.

    Raises:
        InvalidSetting: It should be mirrored or cut into tiles, which what it is told is not.
    """
    loading.refuse(f"{card.name}, which is prompted", "mirror", "tiles")
    runtime = _runtime_for(card, loading.runtime)
    card = _from_score(_fed(card, runtime, paths["model"]), loading.threshold)
    network = FromFiles(
        card=card,
        paths=paths,
        runtime=runtime,
        device=loading.device,
        threads=loading.threads,
    )
    made = Provenance(model_sha256=sha256_of(paths["model"]), runtime=runtime)
    return SEGMENTERS["prompted"](network=network, card=card, asking=asking, made=made)


def _pulled(card: Card, loading: Loading, access: Access) -> dict[str, Path]:
    """Return all files of a card by role."""
    return Store.from_environment().pull(
        card,
        offline=access.offline or loading.offline,
        commercial=access.commercial or loading.commercial,
        progress=access.progress,
        say=access.say,
    )


def load_for_volumes(card: Card, settings: Mapping[str, object], access: Access) -> Segmenter:
    """Return the network of a card that takes whole volumes, with all its files here."""
    loading = build(Loading, settings)
    loading.refuse(f"{card.name}, which takes volumes", "threshold")
    runtime = _runtime_for(card, loading.runtime)
    return SEGMENTERS["volumes"](
        card=card,
        path=_pulled(card, loading, access)["model"],
        runtime=runtime,
        device=loading.device,
        threads=loading.threads,
        mirror=loading.mirror,
        sliding=_sliding(loading),
    )


def _sliding(loading: Loading) -> Sliding | None:
    if loading.tiles is None:
        return None
    return Sliding(side=loading.tiles, overlap=loading.overlap)


def _from_score(card: Card, threshold: float | None) -> Card:
    """Return the card with another least score; None: that of its candidates."""
    wanted = card.decoder.floor or None if threshold is None else threshold
    if wanted is None:
        return card
    return replace(card, decoder=replace(card.decoder, threshold=wanted))


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

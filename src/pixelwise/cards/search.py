"""Which copies of a card's files lie on this machine, and whether they are sound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pixelwise.cards.card import Card
from pixelwise.cards.contents import check_content
from pixelwise.cards.hashes import sha256_of
from pixelwise.cards.pins import Pins
from pixelwise.cards.sources import AddressSource, CardSource
from pixelwise.errors import ModelError

__all__ = ["Copy", "Search"]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a file of a card on this machine.

    Args:
        role: What the file is to its model.
        path: Where it lies.
        fault: What is wrong with it; empty: it is sound.
    """

    role: str
    path: Path
    fault: str = ""


class Search:
    """Looks for files of cards in some folders and judges each copy by its hash and content.

    Args:
        shared: Folders that hold files of many cards; looked into first. There a file without a
            published hash counts only in a sub-folder with the card's name: a ``config.json`` that
            lies about may be anyone's.
        own: Folders of the card itself.
        pins: Recorded hashes.
        trust_pickle: Let pickles pass.
    """

    def __init__(
        self,
        shared: tuple[Path, ...],
        own: tuple[Path, ...],
        pins: Pins,
        *,
        trust_pickle: bool = False,
    ) -> None:
        self._shared = shared
        self._own = own
        self._pins = pins
        self._trust_pickle = trust_pickle

    def copies(self, card: Card, role: str) -> Iterator[Copy]:
        """Yield the copies of one file, each judged when it is reached."""
        for path in self._paths(card, role):
            yield Copy(role, path, self.fault(card, role, path, path.name))

    def is_here(self, card: Card, role: str) -> bool:
        """Say whether a file of the right name and size is here, without reading it."""
        sizes = {source.size for source in card.sources_of(role)}
        return any(0 in sizes or path.stat().st_size in sizes for path in self._paths(card, role))

    def first_sound(self, card: Card, role: str) -> Path | None:
        """Return the first copy that nothing is wrong with."""
        return next((copy.path for copy in self.copies(card, role) if not copy.fault), None)

    def fault(self, card: Card, role: str, path: Path, name: str) -> str:
        """Return what is wrong with ``path`` as a file of ``card``, or an empty text."""
        sources = card.sources_of(role)
        try:
            wrong_hash = self._wrong_hash(card, sources, path, name)
            if wrong_hash:
                return wrong_hash
            check_content(path, name=name, trust_pickle=self._trust_pickle)
        except ModelError as error:
            return str(error)
        except OSError as error:
            return f"cannot be read: {error}"
        return ""

    def trust(self, card: Card, role: str, path: Path, name: str) -> None:
        """Record the hash of a sound file that nobody publishes one for; warn the first time."""
        vouched = any(source.sha256 for source in card.sources_of(role))
        if not vouched and not self._pins.get(card.name, name):
            self._pins.record(card.name, name, sha256_of(path))

    def _paths(self, card: Card, role: str) -> Iterator[Path]:
        """Yield the files that bear a name of the card's file, in the order of the folders."""
        sources = card.sources_of(role)
        names = dict.fromkeys(source.file for source in sources)
        hashed = any(source.sha256 for source in sources)
        for folder in self._shared:
            yield from _present(folder / card.name, names)
            yield from _present(folder, names if hashed else ())
        for folder in self._own:
            yield from _present(folder, names)

    def _wrong_hash(
        self, card: Card, sources: tuple[CardSource, ...], path: Path, name: str
    ) -> str:
        pinned = self._pins.get(card.name, name)
        known = {source.sha256 for source in sources if source.sha256} | ({pinned} - {""})
        size = path.stat().st_size
        sizes = {source.size for source in sources}
        if size == 0:
            return "it is empty (0 bytes)"
        if not pinned and 0 not in sizes and size not in sizes:
            return f"it has {size} bytes, not {_either(map(str, sorted(sizes)))}"
        found = sha256_of(path)
        if known:
            return "" if found in known else f"its sha256 is {found}, not {_either(sorted(known))}"
        prefixes = {source.prefix for source in sources if isinstance(source, AddressSource)}
        if any(found.startswith(prefix) for prefix in prefixes or {""}):
            return ""
        return f"its sha256 is {found}, which should begin with {_either(sorted(prefixes))}"


def _present(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    return (folder / name for name in names if (folder / name).is_file())


def _either(texts: Iterable[str]) -> str:
    return " or ".join(texts)

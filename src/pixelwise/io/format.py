"""The port of the FORMATS table: what a file format can read and write."""

from abc import ABC
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.core import Image, Result
from pixelwise.errors import InputError, OutputError
from pixelwise.io.atomic import write_bytes
from pixelwise.io.limits import Limits
from pixelwise.io.sources import read_bytes, shown

__all__ = ["Format", "Reading", "Thing"]

Thing = Image | Result
"""What files hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read.

    Args:
        limits: What the input may ask for.
        allow_truncated: Return the part that is there of a file that was cut, with a note.
        scratch: Folder in which a volume's voxels are put where they had to be unpacked or scaled,
            so that a volume may be larger than memory; None: they are in memory.
    """

    limits: Limits = field(default_factory=Limits)
    allow_truncated: bool = False
    scratch: Path | None = None


class Format(ABC):
    """One file format: one file, one row of FORMATS.

    A format that works on bytes overrides ``decode`` and ``encode`` and gets files, standard
    input and HTTP for free; one that needs files (windows of a raster, a folder) overrides
    ``read`` and ``write``.
    """

    name: str
    """Its name for people: ``"PNG"``."""
    reads: tuple[type[Thing], ...] = ()
    """What its files give back; empty: it only writes."""
    writes: tuple[type[Thing], ...] = ()
    """What it can hold; empty: it only reads."""

    def read(self, path: Path, rules: Reading) -> Thing:
        """Return what the file at ``path`` holds.

        Raises:
            InputError: It cannot be read.
            LimitError: It asks for too much.
        """
        data = read_bytes(path, rules.limits.file_bytes)
        return self.decode(data, name=str(path), rules=rules)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Thing:
        """Return what ``data``, the bytes of a file called ``name``, hold.

        Raises:
            InputError: They cannot be read.
            LimitError: They ask for too much.
        """
        raise InputError(
            f"{shown(name)}: pixelwise cannot read {self.name} from {len(data)} bytes in memory"
            f" (limit {rules.limits.file_bytes})",
            reason="unsupported",
        )

    def write(self, path: Path, thing: Thing) -> None:
        """Write ``thing`` to ``path``, whole or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        write_bytes(path, self.encode(thing))

    def encode(self, thing: Thing) -> bytes:
        """Return ``thing`` as the bytes of a file.

        Raises:
            OutputError: The format cannot hold it.
        """
        kinds = ", ".join(kind.__name__ for kind in self.writes) or "nothing"
        raise OutputError(
            f"{self.name} cannot hold {type(thing).__name__}; pixelwise writes {kinds} to it"
        )

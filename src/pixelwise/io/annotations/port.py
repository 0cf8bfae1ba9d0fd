"""The port of the ANNOTATIONS table: how annotations of many pictures are read and written."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from pixelwise.errors import InputError, LimitError, OutputError
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.faults import Fault
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.format import Reading

__all__ = ["Annotations"]


class Annotations(ABC):
    """One annotation format: one file, one row of ANNOTATIONS."""

    title: ClassVar[str]
    """Its name for people."""
    layout: ClassVar[str]
    """What lies where, in one line."""
    capacity: ClassVar[Capacity] = Capacity()
    """What it can hold."""

    @abstractmethod
    def sniff(self, place: Path) -> bool:
        """Whether the file or folder looks like this format; cheap, and never raises."""

    @abstractmethod
    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures, read as they are asked for.

        Raises:
            InputError: The file is not of this format or is damaged.
            LimitError: It asks for too much.
        """

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write samples that fit the capacity.

        Raises:
            OutputError: They cannot be written.
        """
        raise OutputError(
            f"{self.title} is only read; nothing was written to {place} of {len(dataset.legend)}"
            " classes"
        )

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield everything that is wrong; formats that can look closer do."""
        try:
            dataset = self.read(place, rules)
            for _ in dataset:
                pass
        except (InputError, LimitError) as error:
            yield Fault.of(error)

"""What the formats of one outline file a picture share: GeoJSON and SVG."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from pixelwise.core import Legend
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Each, Fault, gathered, repeated_keys, strictly
from pixelwise.io.annotations.legend_file import legend_beside, named, write_legend
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["OutlineFiles"]


class OutlineFiles(Annotations):
    """``<stem><ending>`` a picture, ``classes.json`` beside them; nothing of an outline is lost."""

    ending: ClassVar[str]
    capacity: ClassVar[Capacity] = Capacity(
        outlines=True, outline_holes=True, crowd=True, track=True, score=True
    )

    @abstractmethod
    def document(self, sample: Sample) -> str:
        """Return a picture's objects as the text of its file."""

    @abstractmethod
    def names_in(self, path: Path, rules: Reading) -> Iterable[str]:
        """Return the class name of every object in a file."""

    @abstractmethod
    def sample_in(
        self, path: Path, stem: str, legend: Legend, rules: Reading, each: Each = strictly
    ) -> Sample:
        """Return the picture that a file speaks of; its objects are read by ``each``.

        Raises:
            InputError: The file is damaged.
        """

    def sniff(self, place: Path) -> bool:
        """Whether the file or the folder's first file ends so."""
        return next(maps_in(place, self.ending), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures; classes are ``classes.json`` or the names that occur."""
        folder = place if place.is_dir() else place.parent
        files = list(maps_in(place, self.ending))
        legend = legend_beside(folder, rules) or self._legend_in(files, rules)
        samples = (self.sample_in(path, stem, legend, rules) for stem, path in files)
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a file a picture."""
        write_legend(place, dataset.legend)
        for sample in dataset:
            path = place / f"{sample.stem}{self.ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, self.document(sample).encode())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        folder = place if place.is_dir() else place.parent
        told = legend_beside(folder, rules)
        for stem, path in maps_in(place, self.ending):
            yield from gathered(str(path), partial(self._look, path, stem, told, rules))
            yield from repeated_keys(read_bytes(path, rules.limits.file_bytes), str(path))

    def _look(
        self, path: Path, stem: str, legend: Legend | None, rules: Reading, each: Each
    ) -> None:
        """Read one file, with the classes that are in it where nothing else tells them."""
        self.sample_in(path, stem, legend or self._legend_in([(stem, path)], rules), rules, each)

    def _legend_in(self, files: list[tuple[str, Path]], rules: Reading) -> Legend:
        names: dict[str, None] = {}
        for _, path in files:
            names |= dict.fromkeys(self.names_in(path, rules))
        return named(list(names))

"""The pictures that belong to annotations: where they lie and how large they are."""

import csv
import io
from pathlib import Path

from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["Pictures", "size_of"]

NAME = "pictures.csv"
FOLDERS = ("images", "JPEGImages", "JPEGImages/480p", "img1", "obj_train_data", ".")
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
TURNED = range(5, 9)
ORIENTATION = 274


class Pictures:
    """Names and sizes for formats that say neither: from ``pictures.csv``, else the pictures.

    Args:
        folder: Where the annotations lie; pictures lie there, beside it, or in ``images``.
        rules: Limits.
    """

    def __init__(self, folder: Path, rules: Reading) -> None:
        self.folder, self.rules = folder, rules
        self._table: dict[str, tuple[str, tuple[int, int]]] = {}
        path = folder / NAME
        if path.is_file():
            self._take(read_bytes(path, rules.limits.text_bytes).decode("utf-8", "replace"))

    def of(self, stem: str) -> tuple[str, tuple[int, int]]:
        """Return the name of a picture and its (height, width).

        Raises:
            InputError: It is not found, or cannot be read.
            LimitError: It is too large.
        """
        found = self._table.get(stem)
        if found is None:
            found = self._looked_up(stem)
        self.rules.limits.check(found[1][1], found[1][0], 1)
        return found

    def _looked_up(self, stem: str) -> tuple[str, tuple[int, int]]:
        for folder in FOLDERS:
            for suffix in SUFFIXES:
                path = self.folder / folder / (stem + suffix)
                if path.is_file():
                    return stem + suffix, size_of(path)
        raise InputError(
            f"{self.folder}: the size of picture {stem!r} is not known; "
            f"put the pictures into an images folder there, or give {NAME} (name,width,height)",
            reason="missing",
        )

    def _take(self, text: str) -> None:
        for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            if number == 1 and row[:1] == ["name"]:
                continue
            lawful = (
                len(row) == 3 and row[1].isdecimal() and row[2].isdecimal() and len(row[1]) < 10
            )
            if not lawful or len(row[2]) > 9 or "0" in (row[1], row[2]):
                raise InputError(f"{self.folder / NAME}: line {number}: expected name,width,height")
            stem = row[0].rpartition(".")[0] or row[0]
            self._table[stem] = row[0], (int(row[2]), int(row[1]))

    @staticmethod
    def write(folder: Path, samples: list[tuple[str, tuple[int, int]]]) -> None:
        """Write ``pictures.csv``: names and (height, width)."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["name", "width", "height"])
        writer.writerows([name, width, height] for name, (height, width) in samples)
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / NAME, text.getvalue().encode())

    @staticmethod
    def row(sample: Sample) -> tuple[str, tuple[int, int]]:
        """Return what ``write`` wants to know of a sample."""
        return sample.name, sample.size


def size_of(path: Path) -> tuple[int, int]:
    """Return (height, width) of a picture as it is shown, from its header.

    Raises:
        InputError: It is no picture.
    """
    try:
        with PillowImage.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(ORIENTATION, 1) in TURNED
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise InputError(f"{path}: no picture: {error}") from error
    return (width, height) if turned else (height, width)

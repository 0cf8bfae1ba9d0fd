"""A folder of numbered pictures as a source: what data sets and renderers make of a film."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from pixelwise.core import Image
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.io.files import read
from pixelwise.io.sources import shown
from pixelwise.io.video.facts import Damage, VideoFacts
from pixelwise.io.video.film import Film
from pixelwise.io.video.sequence import NUMBER, PictureSequence

__all__ = ["PictureFrames"]

PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif"}
)
USUAL_RATE = Fraction(25)
FASTEST = 1000
DIGITS = re.compile(r"(\d+)")


class PictureFrames(Film):
    """A source: the pictures of a folder in the order of the numbers in their names.

    A picture that cannot be read is listed in :attr:`damage`; the one before stands for it.

    Args:
        path: A folder, or a name with the place of the number, as in ``in/frame_%05d.png``.
        rate: Pictures a second.

    Raises:
        InputError: There is no folder, or no picture in it that can be read.
        LimitError: The first picture is over the limits.
        InvalidSetting: The rate is not above 0, up to 1000.
    """

    def __init__(self, path: Path, rate: Fraction = USUAL_RATE) -> None:
        path = Path(path)
        super().__init__(path if path.name not in ("", "..") else path.resolve())
        if not 0 < rate <= FASTEST:
            raise InvalidSetting.of("rate", str(rate), f"above 0, up to {FASTEST} a second")
        self._rate = rate
        self.is_pattern = PictureSequence.is_one(self.path) and not self.path.is_dir()
        self.folder = self.path.parent if self.is_pattern else self.path
        self.files = self._found()
        self.facts = self._facts()

    @property
    def stem(self) -> str:
        """What outputs are named after."""
        if not self.is_pattern:
            return self.path.name
        return NUMBER.sub("", self.path.stem).strip("_-. ") or self.folder.resolve().name

    def __iter__(self) -> Iterator[Image]:
        """Yield the pictures from the beginning.

        Raises:
            LimitError: A picture is over the limits.
        """
        self._forget()
        last: Image | None = None
        for number, file in enumerate(self.files):
            time_s = float(number / self._rate)
            try:
                last = read(file)
            except InputError as error:
                self._list(Damage(number, time_s, str(error)))
            if last is None:
                continue
            if last.size != (self.facts.height, self.facts.width):
                self._note(f"the size changes to {last.width} x {last.height} on the way")
            yield last.with_space(replace(last.space, time_s=time_s))

    def _found(self) -> list[Path]:
        if not self.folder.is_dir():
            raise InputError(f"{self.name}: there is no such folder", reason="missing")
        is_wanted = _numbered(self.path.name) if self.is_pattern else _is_picture
        files = [path for path in self.folder.iterdir() if is_wanted(path.name)]
        if not files:
            what = f"like {self.path.name}" if self.is_pattern else "in it"
            raise InputError(f"{self.name}: there are no pictures {shown(what)}", reason="empty")
        return sorted(files, key=lambda path: _by_numbers(path.name))

    def _facts(self) -> VideoFacts:
        first: InputError | None = None
        for file in self.files:
            try:
                image = read(file)
            except InputError as error:
                first = first or error
                continue
            return VideoFacts(
                width=image.width,
                height=image.height,
                rate=self._rate,
                count=len(self.files),
                time_base=1 / self._rate,
                codec=file.suffix.lower().removeprefix("."),
                has_audio=False,
            )
        raise InputError(f"{self.name}: none of its pictures can be read: {first}") from first


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in PICTURES


def _numbered(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a name is one of a pattern."""
    head, tail = (re.escape(part) for part in NUMBER.split(pattern, maxsplit=1)[::2])
    whole = re.compile(rf"{head}\d+{tail}")
    return lambda name: whole.fullmatch(name) is not None


def _by_numbers(name: str) -> list[int | str]:
    """Return what sorts names by the numbers in them.

    >>> sorted(["a10.png", "a9.png"], key=_by_numbers)
    ['a9.png', 'a10.png']
    """
    return [int(part) if odd % 2 else part for odd, part in enumerate(DIGITS.split(name))]

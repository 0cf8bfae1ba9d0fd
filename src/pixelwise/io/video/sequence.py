"""A folder of numbered pictures as a sink."""

import re
from pathlib import Path
from types import TracebackType
from typing import Self

from pixelwise.core import Image, Result
from pixelwise.errors import OutputError
from pixelwise.io.files import write

__all__ = ["PictureSequence"]

NUMBER = re.compile(r"%0?(\d*)d")


class PictureSequence:
    """A sink: one picture file a frame, each whole or not at all.

    Args:
        path: With the place of the number, as in ``out/frame_%05d.png``.

    Raises:
        OutputError: The name has no place for the number.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.notes: list[str] = []
        self.written = 0
        if not self.is_one(path):
            raise OutputError(f"{self.path.name}: expected a number in it, as in frame_%05d.png")

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a path names a sequence.

        >>> PictureSequence.is_one(Path("a/%05d.png")), PictureSequence.is_one(Path("a.mp4"))
        (True, False)
        """
        return NUMBER.search(Path(path).name) is not None

    def write(self, image: Image, result: Result) -> None:  # noqa: ARG002 - the port's shape
        """Write one picture.

        Raises:
            OutputError: It cannot be written.
        """
        match = NUMBER.search(self.path.name)
        width = int(match[1] or 0) if match else 0
        name = NUMBER.sub(f"{self.written:0{width}d}", self.path.name)
        write(self.path.with_name(name), image)
        self.written += 1

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

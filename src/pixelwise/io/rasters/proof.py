"""What was written is read again: GDAL does not say when the end of a file finds no room."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.windows import Window as GdalWindow
from tifffile import TiffFile, TiffFileError

from pixelwise.errors import OutputError
from pixelwise.io.sources import shown
from pixelwise.ops.windows import Window

__all__ = ["Proof", "explained"]

Parts = Iterable[tuple[Window, NDArray[Any]]]


class Proof:
    """Checksums of the windows that were written."""

    def __init__(self) -> None:
        self._sums: list[tuple[Window, int]] = []

    def noting(self, parts: Parts) -> Iterator[tuple[Window, NDArray[Any]]]:
        """Yield the parts, pixels (h, w) or (C, h, w), and keep their checksums."""
        for window, pixels in parts:
            self._sums.append((window, crc32(np.ascontiguousarray(pixels).data)))
            yield window, pixels

    def check(self, path: Path, overviews: int = 0) -> None:
        """Raise unless the file gives back every window, and holds all of its smaller copies.

        Raises:
            RasterioError: It does not.
        """
        with rasterio.open(path) as source:
            whole = len(source.overviews(1)) >= overviews and all(
                crc32(source.read(window=GdalWindow(left, top, width, height))) == wanted
                for (top, left, height, width), wanted in self._sums
            )
        if not whole or not _holds_all(path):
            raise RasterioError("it does not come back whole; is the disk full?")


def _holds_all(path: Path) -> bool:
    """Whether all blocks of a TIFF, those of its smaller copies too, lie inside the file."""
    size = path.stat().st_size
    try:
        with TiffFile(path) as file:
            return all(
                offset + count <= size
                for page in file.pages
                for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)
            )
    except TiffFileError:
        return False


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what GDAL says against writing into our error.

    Raises:
        OutputError: GDAL could not write.
    """
    try:
        yield
    except (RasterioError, CPLE_BaseError, TypeError) as error:
        raise OutputError(f"{shown(path)}: cannot be written: {shown(str(error))}") from error

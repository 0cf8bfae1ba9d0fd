"""GDAL on a short lead: few drivers, no network, no side files, a small cache."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window
from tifffile import TiffFile, TiffFileError

from pixelwise.errors import InputError
from pixelwise.io.codecs.ifd import directories
from pixelwise.io.sources import shown

__all__ = ["DRIVERS", "guarded", "has_broken_overviews", "open_raster", "rows_of_strip"]

DRIVERS = ["GTiff", "COG", "PNG", "JPEG", "JP2OpenJPEG"]
"""What may be opened. Virtual rasters can name other files, addresses and code: never."""
OPTIONS = {
    "GDAL_CACHEMAX": 64,
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": 1,
}

SIZE = {256, 257}
"""Fields of a TIFF's directory that every picture has: width and height."""


@contextmanager
def guarded() -> Iterator[None]:
    """Give a block of code in which GDAL is on its lead; settings are those of the thread."""
    with rasterio.Env(**OPTIONS), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def open_raster(path: Path) -> tuple[DatasetReader, tuple[str, ...]]:
    """Return the open data set at full resolution, and what GDAL warned of.

    Raises:
        InputError: It is no regular file, or no raster in one of DRIVERS.
    """
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise InputError(f"{shown(path)}: expected a raster file, this is {kind}", reason="missing")
    heard = _Heard()
    log = logging.getLogger("rasterio")
    log.addHandler(heard)
    try:
        with guarded():
            found = DatasetReader(str(path.resolve()), driver=DRIVERS)
    except (RasterioError, ValueError) as error:
        raise InputError(
            f"{shown(path)}: expected a raster ({', '.join(DRIVERS)}), GDAL says: "
            f"{shown(str(error))}",
            reason="unsupported",
        ) from error
    finally:
        log.removeHandler(heard)
    if any(kind.startswith("complex") for kind in found.dtypes):
        found.close()
        raise InputError(
            f"{shown(path)}: expected real numbers, it holds {found.dtypes[0]}; write their "
            "amplitude first",
            reason="dtype",
        )
    return found, tuple(heard.lines)


def has_broken_overviews(path: Path, levels: int) -> bool:
    """Whether the last block of one of the smaller copies in a file cannot be read.

    Copies whose directory is destroyed are none to GDAL, so the chain of directories is walked.
    """
    if _breaks_off(path):
        return True
    try:
        for level in range(levels):
            with DatasetReader(str(path.resolve()), driver=DRIVERS, overview_level=level) as copy:
                corner = Window(copy.width - 1, copy.height - 1, 1, 1)
                copy.read(1, window=corner)
    except RasterioError:
        return True
    return False


def _breaks_off(path: Path) -> bool:
    """Whether a TIFF has a directory that is none of a picture; other files have none at all."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        if data[:2] not in (b"II", b"MM"):
            return False
        try:
            return any(not SIZE.issubset(page.fields) for page in directories(data))
        except InputError:
            return True


def rows_of_strip(path: Path) -> int:
    """Return the rows of a strip as the file has them; GDAL shows one long strip as many.

    0 where the header says nothing.
    """
    try:
        with TiffFile(path) as file:
            return int(file.pages.first.rowsperstrip)
    except TiffFileError:
        return 0


class _Heard(logging.Handler):
    """Keeps the warnings of one opening."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning."""
        self.lines.append(shown(record.getMessage()))

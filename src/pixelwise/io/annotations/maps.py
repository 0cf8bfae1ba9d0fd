"""Label maps as picture files, the way annotation sets keep them."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, OutputError
from pixelwise.io.atomic import write_bytes
from pixelwise.io.encoders import grey_png, indexed_png
from pixelwise.io.files import read
from pixelwise.io.format import Reading
from pixelwise.io.labels import read_labels

__all__ = [
    "colours_of",
    "maps_in",
    "read_ids",
    "read_labels",
    "write_colours",
    "write_grey",
    "write_ids",
    "write_indexed",
]

ID_BITS = 24
"""A colour PNG holds ids as R + 256 G + 65536 B."""


def colours_of(path: Path, rules: Reading) -> NDArray[np.uint8]:
    """Return the colours of a picture that keeps numbers in them, (H, W, 3) uint8 RGB.

    Raises:
        InputError: It has no three 8-bit channels.
    """
    pixels = read(path, rules).pixels
    if pixels.dtype != np.uint8 or pixels.shape[2] < 3:
        raise InputError(f"{path}: expected 8-bit RGB, not {pixels.dtype} {pixels.shape}")
    return pixels[..., :3]


def read_ids(path: Path, rules: Reading) -> NDArray[np.int32]:
    """Return the ids of a colour PNG, (H, W) int32: R + 256 G + 65536 B."""
    red, green, blue = np.moveaxis(colours_of(path, rules).astype(np.int32), -1, 0)
    return red | green << 8 | blue << 16


def write_ids(path: Path, labels: NDArray[np.int32]) -> None:
    """Write ids as a colour PNG.

    Raises:
        OutputError: An id does not fit into 24 bits.
    """
    if labels.size and int(labels.max()) >= 1 << ID_BITS:
        raise OutputError(f"{path}: a panoptic PNG holds ids below {1 << ID_BITS}")
    colours = np.stack([labels & 255, labels >> 8 & 255, labels >> 16 & 255], axis=-1)
    write_colours(path, colours.astype(np.uint8))


def write_colours(path: Path, colours: NDArray[np.uint8]) -> None:
    """Write numbers kept in three channels (H, W, 3) as a colour PNG.

    Raises:
        OutputError: It cannot be encoded.
    """
    done, data = cv2.imencode(".png", np.ascontiguousarray(colours[..., ::-1]))
    if not done:
        raise OutputError(f"{path}: a PNG of {colours.shape} could not be encoded")
    _write(path, data.tobytes())


def write_indexed(path: Path, labels: NDArray[np.int32], palette: NDArray[np.uint8]) -> None:
    """Write labels 0..255 as an indexed PNG in the colours of ``palette`` (N, 3)."""
    _write(path, indexed_png(labels.astype(np.uint8), palette[:256]))


def write_grey(path: Path, labels: NDArray[np.int32], *, deep: bool = False) -> None:
    """Write labels as a grey PNG of 8 bits, or of 16 where asked for.

    Raises:
        OutputError: A label does not fit.
    """
    top = 65535 if deep else 255
    if labels.size and int(labels.max()) > top:
        raise OutputError(f"{path}: labels up to {top} fit, not {int(labels.max())}")
    data = grey_png(labels.astype(np.uint16)) if deep else grey_png(labels.astype(np.uint8))
    _write(path, data)


def maps_in(folder: Path, ending: str = ".png") -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder as name without ending and path, sorted; links are left out.

    A file stands for a folder with only itself in it.

    >>> import tempfile
    >>> list(maps_in(Path(tempfile.mkdtemp())))
    []
    """
    if folder.is_file() and folder.name.endswith(ending):
        yield folder.name.removesuffix(ending), folder
    for path in sorted(folder.rglob(f"*{ending}")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix().removesuffix(ending), path


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, data)

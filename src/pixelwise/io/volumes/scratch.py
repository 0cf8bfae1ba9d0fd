"""Arrays that may be larger than memory: on the disk when a folder for them is given."""

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pixelwise.errors import OutputError
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes
from pixelwise.ops.slabs import slabs

__all__ = ["native", "room", "viewed"]


def room(shape: tuple[int, ...], dtype: DTypeLike, scratch: Path | None) -> NDArray[Any]:
    """Return an array to be filled, in memory or in a nameless file of a folder.

    The file is gone when the array is. Its room is taken at once: a disk that is full is told now.

    Raises:
        OutputError: The disk has no room for it.

    >>> room((2, 3), np.int16, None).shape
    (2, 3)
    """
    if scratch is None:
        return np.empty(shape, dtype)
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    try:
        with TemporaryFile(dir=scratch) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, dtype, "w+", shape=shape)
    except OSError as error:
        said = f"there is no room for {size} bytes of voxels in the output's folder"
        raise OutputError(f"{said}: {error.strerror}") from error


def viewed(path: Path, rules: Reading) -> bytes | memoryview:
    """Return the bytes of a file; with a scratch folder they stay on the disk until needed.

    Raises:
        InputError: It cannot be read.
        LimitError: It is too long.
    """
    if rules.scratch is None or not path.is_file() or not path.stat().st_size:
        return read_bytes(path, rules.limits.file_bytes)
    return memoryview(np.memmap(path, np.uint8, "r"))  # type: ignore[arg-type]


def native(stored: NDArray[Any], scratch: Path | None) -> NDArray[Any]:
    """Return voxels in the byte order of this machine; without a scratch folder as they are."""
    if scratch is None or stored.dtype.isnative:
        return stored
    made = room(stored.shape, stored.dtype.newbyteorder("="), scratch)
    for piece, target in zip(slabs(stored), slabs(made), strict=True):
        target[...] = piece
    return made

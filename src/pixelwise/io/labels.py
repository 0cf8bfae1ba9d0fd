"""Label maps from picture files: numbers, not colours."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, LimitError
from pixelwise.io.codecs import CODECS
from pixelwise.io.codecs.png import numbers_of_png
from pixelwise.io.format import Reading
from pixelwise.io.signatures import HEAD, signature_of
from pixelwise.io.sources import read_bytes, shown

__all__ = ["read_labels"]

LOSSLESS = ("PNG", "TIFF", "BMP")


def read_labels(path: str | os.PathLike[str], rules: Reading | None = None) -> NDArray[np.int32]:
    """Return the numbers of a label map or mask as they are stored, (H, W) int32.

    Palette indices stay indices. Nothing is turned: label maps carry no orientation.

    Args:
        path: A grey or indexed PNG, a grey TIFF or BMP.
        rules: Limits.

    Raises:
        InputError: It cannot be read, or holds colours.
        LimitError: It is too large.
    """
    place = Path(os.fsdecode(path))
    rules = rules or Reading()
    try:
        values = _values(read_bytes(place, rules.limits.file_bytes), rules)
    except InputError as error:
        raise InputError(f"{shown(place)}: {error}", reason=error.reason) from error
    except LimitError as error:
        raise LimitError(f"{shown(place)}: {error}") from error
    return values.astype(np.int32, copy=False)


def _values(data: bytes, rules: Reading) -> NDArray[np.generic]:
    signature = signature_of(data[:HEAD])
    if signature is None or signature.name not in LOSSLESS:
        raise InputError(f"expected a label map ({', '.join(LOSSLESS)})", reason="unsupported")
    stored = numbers_of_png(data, rules) if signature.name == "PNG" else None
    if stored is not None:
        return stored
    values = CODECS[signature.name](data, rules).pixels
    if values.ndim == 3 and values.shape[2] == 1:
        return values[..., 0]
    if values.ndim != 2 or values.dtype.kind not in "ui":
        raise InputError("expected label numbers, this file holds colours or fractions")
    return values

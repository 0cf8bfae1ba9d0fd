"""Stored numbers to measured values: slope and intercept of NIfTI and DICOM."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pixelwise.errors import InputError
from pixelwise.io.volumes.scratch import native, room
from pixelwise.ops.slabs import slabs

__all__ = ["scaled"]

MOST = 2.0**31
"""Whole slopes and intercepts below this are reckoned with in 64 bits."""


def scaled(
    stored: NDArray[Any], slope: float, intercept: float, scratch: Path | None = None
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return ``stored * slope + intercept``, whole numbers kept whole, and notes.

    A slope of 0 or NaN means none, as NIfTI says, and is noted. Whole slopes and intercepts give
    int16 or int32: Hounsfield units stay what they are. Other ones give float32, or float64 where
    the stored numbers need it.

    Args:
        stored: Any numbers.
        slope: What one of them is worth.
        intercept: What 0 is worth.
        scratch: Folder for what is larger than memory; None: the values are in memory.

    Raises:
        InputError: Slope or intercept are infinite, or the values overflow.

    >>> scaled(np.array([0, 1024], np.int16), 1.0, -1024.0)[0].tolist()
    [-1024, 0]
    """
    if np.isinf(slope) or np.isinf(intercept):
        raise InputError(f"slope {slope:g} and intercept {intercept:g} must be finite")
    if slope == 0 or np.isnan(slope) or np.isnan(intercept):
        note = f"scaling: slope {slope:g} means none; values are as stored"
        return native(stored, scratch), (note,)
    if slope == 1 and intercept == 0:
        return native(stored, scratch), ()
    work, kind = _kinds(stored, slope, intercept)
    values = room(stored.shape, kind, scratch)
    for piece, target in zip(slabs(stored), slabs(values), strict=True):
        with np.errstate(over="ignore", invalid="ignore"):
            target[...] = piece.astype(work) * work(slope) + work(intercept)
        if values.dtype.kind == "f" and (np.isfinite(piece) & ~np.isfinite(target)).any():
            raise InputError(f"slope {slope:g} takes the values out of range")
    return values, ()


def _kinds(stored: NDArray[Any], slope: float, intercept: float) -> tuple[Any, DTypeLike]:
    """Return the type to work in, and the least one that holds the values."""
    whole = slope.is_integer() and intercept.is_integer() and max(abs(slope), abs(intercept)) < MOST
    if stored.dtype.kind in "iu" and whole:
        ends = [int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max())]
        for kind in (np.int16, np.int32):
            held = np.iinfo(kind)
            if held.min <= min(*ends, intercept) and max(*ends, intercept) <= held.max:
                return np.int64, kind
    return np.float64, np.float32 if stored.dtype.itemsize <= 2 else np.float64

"""Stored numbers to measured values: slope and intercept of NIfTI and DICOM."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["scaled"]


def scaled(
    stored: NDArray[Any], slope: float, intercept: float
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return ``stored * slope + intercept``, whole numbers kept whole, and notes.

    A slope of 0 or NaN means none, as NIfTI says, and is noted. Whole slopes and intercepts give
    int16 or int32: Hounsfield units stay what they are. Other ones give float32, or float64 where
    the stored numbers need it.

    Raises:
        InputError: Slope or intercept are infinite, or the values overflow.

    >>> scaled(np.array([0, 1024], np.int16), 1.0, -1024.0)[0].tolist()
    [-1024, 0]
    """
    if np.isinf(slope) or np.isinf(intercept):
        raise InputError(f"slope {slope:g} and intercept {intercept:g} must be finite")
    if slope == 0 or np.isnan(slope) or np.isnan(intercept):
        return stored, (f"scaling: slope {slope:g} means none; values are as stored",)
    if slope == 1 and intercept == 0:
        return stored, ()
    if stored.dtype.kind in "iu" and slope.is_integer() and intercept.is_integer():
        whole = _whole(stored, int(slope), int(intercept))
        if whole is not None:
            return whole, ()
    kind = np.float32 if stored.dtype.itemsize <= 2 else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        values = (stored.astype(np.float64) * slope + intercept).astype(kind)
    if not np.isfinite(values).all() and np.isfinite(stored).all():
        raise InputError(f"slope {slope:g} takes the values out of range")
    return values, ()


def _whole(stored: NDArray[Any], slope: int, intercept: int) -> NDArray[Any] | None:
    """Return the values as int16 or int32, or None when they do not fit."""
    ends = [int(end) * slope + intercept for end in (stored.min(), stored.max())]
    for kind in (np.int16, np.int32):
        held = np.iinfo(kind)
        if held.min <= min(*ends, intercept) and max(*ends, intercept) <= held.max:
            wide = stored.astype(np.int64) if stored.dtype.itemsize > 2 else stored.astype(np.int32)
            return (wide * slope + intercept).astype(kind)
    return None

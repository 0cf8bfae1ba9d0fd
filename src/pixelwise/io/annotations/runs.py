"""Run lengths of one picture as crops, and crops as run lengths."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Rle
from pixelwise.errors import InputError
from pixelwise.io.annotations.json_text import Reader

__all__ = ["counts_of", "crop_of", "rle_from_json", "rle_of"]


def rle_of(crop: Crop, size: tuple[int, int]) -> Rle:
    """Return the run lengths of a crop in a picture; only the pixels of the crop are looked at.

    >>> rle_of(Crop((1, 1), np.ones((2, 1), bool)), (3, 3)).counts.tolist()
    [4, 2, 3]
    """
    height, width = size
    tall = crop.mask.shape[0] + 1  # a row of zeros after each column ends its last run
    flat = np.zeros(crop.mask.shape[1] * tall + 1, np.int8)
    flat[1:].reshape(-1, tall)[:, :-1] = crop.mask.T
    column, row = np.divmod(np.flatnonzero(flat[1:] != flat[:-1]), tall)
    top, left = crop.origin
    bounds = (column + left) * height + row + top
    bounds = np.concatenate([[0], bounds, [height * width]])
    counts = _merged(np.diff(bounds))
    return Rle(size, counts)


def crop_of(rle: Rle) -> Crop:
    """Return run lengths as a tight crop; only the columns of its box are decoded.

    >>> crop_of(Rle((3, 3), np.array([4, 2, 3]))).origin
    (1, 1)
    """
    x0, y0, x1, y1 = rle.box
    if x1 == x0:
        return Crop((0, 0), np.zeros((0, 0), bool))
    height = rle.size[0]
    ends = np.clip(np.cumsum(rle.counts), x0 * height, x1 * height) - x0 * height
    ones = np.zeros(len(ends), bool)
    ones[1::2] = True
    flat = np.repeat(ones, np.diff(ends, prepend=0))
    return Crop((y0, x0), np.ascontiguousarray(flat.reshape(x1 - x0, height).T[y0:y1]))


def rle_from_json(field: Reader, size: tuple[int, int]) -> Rle:
    """Return COCO's ``{"size", "counts"}``, counts as numbers or as compressed text.

    Raises:
        InputError: It does not fit the picture, whose size bounds all memory.
    """
    told = field.value.get("size")
    if told != list(size):
        raise field.wrong("size", f"[{size[0]}, {size[1]}] as the picture")
    counts = field.value.get("counts")
    try:
        if isinstance(counts, str):
            return Rle.parse(size, counts)
        return Rle(size, counts_of(counts, size))
    except InputError as error:
        raise InputError(f"{field.path}.counts: {error}", reason="rle") from error


def counts_of(values: Any, size: tuple[int, int]) -> NDArray[np.int64]:  # noqa: ANN401 - from JSON
    """Return run lengths given as a list of numbers.

    Raises:
        InputError: It is no list of whole numbers that a picture can have.
    """
    most = size[0] * size[1]
    lawful = isinstance(values, list) and all(
        isinstance(value, int) and 0 <= value <= most for value in values
    )
    if not lawful:
        raise InputError("expected run lengths: whole numbers from 0 to the pixels of the picture")
    return np.array(values, np.int64)


def _merged(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return runs without empty ones in the middle: a run that passes from column to column."""
    inner = np.flatnonzero(counts[1:-1] == 0) + 1
    if not inner.size:
        return counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts
    ends = np.cumsum(counts)
    drop = np.zeros(len(counts), bool)
    drop[inner - 1] = drop[inner] = True
    kept = np.diff(ends[~drop], prepend=0)
    return kept[:-1] if len(kept) > 1 and kept[-1] == 0 else kept

"""Pictures side by side, each under its title."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from pixelwise.core import Image
from pixelwise.drawing.lettering import font_of, length_of
from pixelwise.drawing.screen import screen_pixels
from pixelwise.errors import InputError

__all__ = ["sheet"]

SHARE = 1 / 36
"""Letters as a share of the sheet's width: they can be read on a telephone, too."""
SMALLEST = 9
PAPER, INK = (255, 255, 255), (20, 20, 20)
GAP = 6
"""Pixels of paper between two pictures."""


def sheet(pictures: Mapping[str, Image], columns: int = 0, width: int = 400) -> Image:
    """Return pictures side by side, each under its title.

    Args:
        pictures: Title -> picture, row by row; of a volume the middle slice is shown.
        columns: Pictures in a row; 0: about as many as there are rows.
        width: What each is brought to, in pixels; its height follows.

    Returns:
        RGB (H, W, 3) uint8.

    Raises:
        InputError: There is no picture.

    >>> grey = Image(np.full((30, 40), 128, np.uint8))
    >>> sheet({"one": grey, "two": grey, "three": grey}, columns=3, width=80).channels
    3
    """
    if not pictures:
        raise InputError("there is no picture to put on the sheet")
    columns = min(columns or round(len(pictures) ** 0.5), len(pictures))
    letters = _letters(pictures, columns, width)
    cells = [_cell(title, screen_pixels(made), width, letters) for title, made in pictures.items()]
    cells += [np.full((1, width, 3), PAPER, np.uint8)] * (-len(cells) % columns)
    rows = [_row(cells[at : at + columns]) for at in range(0, len(cells), columns)]
    return Image(np.vstack(rows)[:, GAP:])


def _letters(titles: Mapping[str, Image], columns: int, width: int) -> int:
    """Return the height of letters at which the longest title fits over its picture."""
    letters = round(columns * width * SHARE)
    longest = max(length_of(title, letters) for title in titles)
    return max(SMALLEST, min(letters, letters * width // max(longest, 1)))


def _cell(title: str, pixels: NDArray[np.uint8], width: int, letters: int) -> NDArray[np.uint8]:
    height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    smaller = width < pixels.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_NEAREST
    strip = Pillow.new("RGB", (width, round(letters * 1.5)), PAPER)
    place = (0, strip.height / 2)
    ImageDraw.Draw(strip).text(place, title, fill=INK, font=font_of(letters), anchor="lm")
    return np.vstack([np.asarray(strip), cv2.resize(pixels, (width, height), interpolation=way)])


def _row(cells: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return cells side by side on paper as high as the highest."""
    height = max(map(len, cells)) + GAP
    row = np.full((height, len(cells), GAP + cells[0].shape[1], 3), PAPER, np.uint8)
    for column, cell in enumerate(cells):
        row[: len(cell), column, GAP:] = cell
    return row.reshape(height, -1, 3)

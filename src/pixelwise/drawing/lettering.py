"""Words on a picture: captions beside things and the legend's box."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pixelwise.drawing.layers import Caption, LegendRow
from pixelwise.drawing.palette import Rgb, ink_on

__all__ = ["font_of", "length_of", "text_size", "write_captions", "write_legend"]

Box = tuple[int, int, int, int]

SMALLEST, LARGEST = 11, 96
"""Letters in pixels: below the first nobody reads, above the second they are in the way."""

SHARE = 0.024
"""Letters as a share of the picture's mean side."""

ROOM = 0.45
"""The legend takes at most this share of the picture's height, and of its width."""

MOST_WIDER = 6
"""A caption so many times as wide as its thing would hide its neighbours."""

PANEL = (24, 24, 24)
PANEL_SHARE = 0.72
"""How much the legend's panel covers what lies under it."""


def text_size(size: tuple[int, ...]) -> int:
    """Return the height of letters in pixels that reads well in a picture (height, width).

    >>> text_size((200, 300)), text_size((1080, 1920)), text_size((2160, 3840))
    (11, 35, 69)
    """
    return round(min(max((size[0] * size[1]) ** 0.5 * SHARE, SMALLEST), LARGEST))


def write_captions(pixels: NDArray[np.uint8], captions: Sequence[Caption]) -> list[Box]:
    """Write each caption at its box, in place, and return where they stand.

    The first come first: a caption that would cover one already written, or that is much wider
    than its thing, is left out.
    """
    letters = text_size(pixels.shape[:2])
    taken: list[Box] = []
    for caption in captions:
        chip = _chip(caption.text, letters)
        if chip.size[0] > MOST_WIDER * (caption.box[2] - caption.box[0]):
            continue
        place = _free_place(caption, chip, pixels.shape[:2], taken)
        if place is not None:
            _stamp(pixels, chip, place, caption.colour)
            taken.append(place)
    return taken


def write_legend(
    pixels: NDArray[np.uint8], rows: Sequence[LegendRow], taken: Sequence[Box] = ()
) -> None:
    """Write the legend, in place, into the corner where it covers the fewest captions.

    What does not fit is summed up in a last line ("and 7 more").
    """
    panel = _panel(rows, pixels.shape[:2])
    height, width = pixels.shape[:2]
    if panel is None or panel.size[0] > width or panel.size[1] > height:
        return
    gap = min(text_size((height, width)) // 2, width - panel.size[0], height - panel.size[1])
    right, low = width - panel.size[0] - gap, height - panel.size[1] - gap
    corners = [(gap, low), (right, low), (right, gap), (gap, gap)]
    boxes = [(x, y, x + panel.size[0], y + panel.size[1]) for x, y in corners]
    x0, y0, x1, y1 = min(boxes, key=lambda box: sum(_shared(box, other) for other in taken))
    under = pixels[y0:y1, x0:x1].astype(np.float32)
    drawn = np.asarray(panel.convert("RGBA"), np.float32)
    cover = drawn[..., 3:] / 255
    pixels[y0:y1, x0:x1] = np.rint(drawn[..., :3] * cover + under * (1 - cover)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Chip:
    text: str
    letters: int
    size: tuple[int, int]
    """(width, height) in pixels."""


@lru_cache(maxsize=16)
def font_of(letters: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the letters of every picture, so many pixels high."""
    return ImageFont.load_default(letters)


def length_of(text: str, letters: int) -> int:
    """Return how wide a text is in pixels."""
    return round(font_of(letters).getlength(text))


def _chip(text: str, letters: int) -> _Chip:
    margin = max(2, letters // 4)
    return _Chip(text, letters, (length_of(text, letters) + 2 * margin, round(letters * 1.35)))


def _free_place(
    caption: Caption, chip: _Chip, size: tuple[int, ...], taken: Sequence[Box]
) -> Box | None:
    """Return the first free place: above the box, inside its top, inside its bottom, below it."""
    _, y0, _, y1 = (round(edge) for edge in caption.box)
    width, height = chip.size
    if width > size[1] or height > size[0]:
        return None
    left = min(max(round(caption.top_x - width / 2), 0), size[1] - width)
    for top in (y0 - height, y0, y1 - height, y1):
        box = (left, top, left + width, top + height)
        if 0 <= top <= size[0] - height and not any(_shared(box, other) for other in taken):
            return box
    return None


def _shared(first: Box, second: Box) -> int:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0) * max(height, 0)


def _stamp(pixels: NDArray[np.uint8], chip: _Chip, place: Box, colour: Rgb) -> None:
    picture = Pillow.new("RGB", chip.size, colour)
    middle = (max(2, chip.letters // 4), chip.size[1] / 2)
    ImageDraw.Draw(picture).text(
        middle, chip.text, fill=ink_on(colour), font=font_of(chip.letters), anchor="lm"
    )
    pixels[place[1] : place[3], place[0] : place[2]] = np.asarray(picture)


def _panel(rows: Sequence[LegendRow], size: tuple[int, ...]) -> Pillow.Image | None:
    """Return the legend as RGBA; None where there is nothing to say or no room to say it."""
    letters = text_size(size)
    step, margin, swatch = round(letters * 1.45), letters // 2, round(letters * 1.2)
    most = int((size[0] * ROOM - 2 * margin) // step)
    if not rows or most < 1:
        return None
    names = [row.name for row in rows[: most if len(rows) <= most else most - 1]]
    left_out = len(rows) - len(names)
    names += [f"and {left_out} more"] * (left_out > 0)
    wide = int(size[1] * ROOM) - 3 * margin - swatch
    names = [_shortened(name, letters, wide) for name in names]
    width = 3 * margin + swatch + max(length_of(name, letters) for name in names)
    panel = Pillow.new(
        "RGBA", (width, 2 * margin + step * len(names)), (*PANEL, round(255 * PANEL_SHARE))
    )
    drawing = ImageDraw.Draw(panel)
    for line, name in enumerate(names):
        top = margin + line * step
        colours = rows[line].colours if line < len(names) - (left_out > 0) else ()
        _swatch(drawing, colours, (margin, top + step // 6, swatch, step * 2 // 3))
        place = (2 * margin + swatch, top + step / 2)
        drawing.text(place, name, fill=(255, 255, 255, 255), font=font_of(letters), anchor="lm")
    return panel


def _swatch(drawing: ImageDraw.ImageDraw, colours: Sequence[Rgb], area: Box) -> None:
    """Draw the colours side by side into x, y, width, height."""
    x, y, width, height = area
    for number, colour in enumerate(colours):
        start = x + width * number // len(colours)
        end = x + width * (number + 1) // len(colours) - 1
        drawing.rectangle((start, y, end, y + height), fill=(*colour, 255))


def _shortened(text: str, letters: int, wide: int) -> str:
    while len(text) > 2 and length_of(text, letters) > wide:
        text = text[:-2].rstrip() + "…"
    return text

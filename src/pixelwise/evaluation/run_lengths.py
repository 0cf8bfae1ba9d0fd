"""The masks of a picture as COCO's compressed run lengths, all in one compiled call."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Rle
from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["run_lengths"]

_ONES = np.uint64(0x0101010101010101)
_PLACES = np.uint64(sum(byte << (61 - 8 * byte) for byte in range(8)))
"""Times a word with only bit 8 k set, this has k in its highest three bits."""


def run_lengths(
    crops: Sequence[Crop], size: tuple[int, int]
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the text of each crop in a picture of that size, as pycocotools writes it, and areas.

    Only the crops' own pixels are looked at.

    >>> run_lengths([Crop((1, 1), np.ones((2, 1), bool))], (3, 3))
    (['423'], array([2]))
    """
    if not COMPILED or not crops:
        areas = np.array([crop.area for crop in crops], np.int64)
        return [Rle.encode(crop.full(size)).text for crop in crops], areas
    masks = np.concatenate([crop.mask.reshape(-1) for crop in crops]).view(np.uint8)
    places = np.array([crop.origin + crop.mask.shape for crop in crops], np.int64)
    codes, ends, areas = _texts(masks, places, size[0], size[1])
    text, begin, texts = codes.tobytes().decode("ascii"), 0, []
    for end in ends.tolist():
        texts.append(text[begin:end])
        begin = end
    return texts, areas


@jit
def _texts(
    masks: NDArray[np.uint8], places: NDArray[np.int64], height: int, width: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return the characters of all texts, where each ends, and the pixels of each mask.

    Args:
        masks: The pixels of all crops, 0 and 1, one after the other.
        places: (N, 4) y, x, height and width of each crop.
        height: Of the picture.
        width: Of the picture.
    """
    text = np.empty(4096, np.uint8)
    ends, areas = np.empty(len(places), np.int64), np.empty(len(places), np.int64)
    begin = used = 0
    for number in range(len(places)):
        y, x, tall, wide = (
            places[number, 0],
            places[number, 1],
            places[number, 2],
            places[number, 3],
        )
        mask = masks[begin : begin + tall * wide].reshape(tall, wide)
        begin += tall * wide
        bounds = _bounds(_turns(mask), x * height + y, height)
        most = used + 7 * (len(bounds) + 1)  # 7 characters hold 2^34 pixels
        if most > len(text):
            wider = np.empty(2 * most, np.uint8)
            wider[:used] = text[:used]
            text = wider
        used = _pack(bounds, height * width, text, used)
        ends[number] = used
        areas[number] = (bounds[1::2] - bounds[::2]).sum()
    return text[:used], ends, areas


@jit
def _turns(mask: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return, 8 columns a word, where each pixel differs from the one above: (h + 1, w / 8)."""
    tall, wide = mask.shape
    padded = np.zeros((tall + 1, (wide + 7) // 8 * 8), np.uint8)
    for row in range(tall):
        for column in range(wide):
            padded[row, column] = mask[row, column]
    words = padded.view(np.uint64)
    for row in range(tall, 0, -1):
        for word in range(words.shape[1]):
            words[row, word] ^= words[row - 1, word]
    return words


@jit
def _bounds(turns: NDArray[np.uint64], start: int, height: int) -> NDArray[np.int64]:
    """Return, column by column, where a mask goes on and off in the picture.

    Args:
        turns: What :func:`_turns` gives.
        start: Place of the crop's first pixel, column by column.
        height: Of the picture.
    """
    number = np.uint64(0)
    for eight in turns.flat:
        number += eight * _ONES >> np.uint64(56)  # bytes are 0 or 1: this is their sum
    bounds, found = np.empty(np.int64(number), np.int64), 0
    rows, count = np.empty((8, len(turns)), np.int32), np.zeros(8, np.int64)
    for word in range(turns.shape[1]):
        for row in range(len(turns)):
            left = turns[row, word]
            while left:
                lowest = left & (~left + np.uint64(1))
                byte = np.int64(lowest * _PLACES >> np.uint64(61))
                rows[byte, count[byte]] = row
                count[byte] += 1
                left ^= lowest
        for column in range(8):
            top = start + (8 * word + column) * height
            for place in range(count[column]):
                bound = top + rows[column, place]
                if found and bounds[found - 1] == bound:
                    found -= 1  # a run that passes from column to column
                else:
                    bounds[found] = bound
                    found += 1
            count[column] = 0
    return bounds[:found]


@jit
def _pack(bounds: NDArray[np.int64], pixels: int, text: NDArray[np.uint8], place: int) -> int:
    """Write each run less the one two before it, 5 bits a character, low bits first."""
    last = run = earlier = 0
    for number in range(len(bounds) + 1):
        bound = bounds[number] if number < len(bounds) else pixels
        before, earlier, run = earlier, run, bound - last
        if run == 0 and number == len(bounds):
            break  # nothing comes after the last pixel of the mask
        last = bound
        rest = run - before if number > 2 else run
        more = True
        while more:
            low = rest & 31
            rest >>= 5
            more = rest != -1 if low & 16 else rest != 0
            text[place] = low + 48 + (32 if more else 0)
            place += 1
    return place

"""Compiled: a picture shrunk softly to a quarter, in whole numbers, whole rows at once."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit

__all__ = ["quarter"]

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]


@jit
def quarter(
    lines: U8, rows: NDArray[np.int64], columns: NDArray[np.int64], first: int, onto: U8
) -> None:
    """Write every fourth sum of eight pixels, 1 1 3 3 3 3 1 1 of 16, along both axes.

    The sums of a row are made at every pixel, in vector registers; then those wanted are picked.

    Args:
        lines: (H, W C), the picture.
        rows: (4 h + 4,), the line at each place of the framed picture.
        columns: (4 w + 4,), likewise the pixel of a line.
        first: The place of the first pixel; from there on they follow one another.
        onto: (h, w, C), written.
    """
    channels, width = onto.shape[2], lines.shape[1]
    pairs = np.empty((4, width), np.uint16)
    wide = np.empty(len(columns) * channels, np.uint16)
    twos = np.empty(len(wide) - channels, np.uint16)
    sums = np.empty(len(twos) - 6 * channels, np.uint16)
    middle = wide[first * channels : first * channels + width]
    end = first + width // channels
    for y in range(len(onto)):
        for pair in range(2 * y + (2 if y else 0), 2 * y + 4):
            _add(lines[rows[2 * pair]], lines[rows[2 * pair + 1]], pairs[pair % 4])
        slot = 2 * y % 4
        _weigh(pairs[slot], pairs[slot + 1], pairs[2 - slot], pairs[3 - slot], middle)
        _mirror(middle, columns[:first], wide[: first * channels])
        _mirror(middle, columns[end:], wide[end * channels :])
        _add(wide[:-channels], wide[channels:], twos)
        _weigh(twos, twos[2 * channels :], twos[4 * channels :], twos[6 * channels :], sums)
        _pick(sums, onto[y])


@jit
def _mirror(line: U16, pixels: NDArray[np.int64], onto: U16) -> None:
    """Write some ``pixels`` of a line, each of as many values as fit."""
    channels = len(onto) // max(len(pixels), 1)
    for place in range(len(pixels)):
        for channel in range(channels):
            onto[place * channels + channel] = line[pixels[place] * channels + channel]


@jit
def _add(one: U16, other: U16, total: U16) -> None:
    for place in range(len(total)):
        total[place] = one[place] + other[place]


@jit
def _weigh(first: U16, second: U16, third: U16, fourth: U16, total: U16) -> None:
    for place in range(len(total)):
        inner = np.uint16(second[place] + third[place])
        total[place] = first[place] + np.uint16(3) * inner + fourth[place]


@jit
def _pick(sums: U16, row: U8) -> None:
    """Write every fourth of the sums (4 w C,) into ``row`` (w, C), divided by 256 and rounded."""
    channels = row.shape[1]
    for x in range(len(row)):
        place = np.uint64(4 * channels * x)
        if channels == 3:  # a fixed number is unrolled
            for channel in range(3):
                total = np.uint16(sums[place + np.uint64(channel)] + np.uint16(128))
                row[x, channel] = total >> np.uint16(8)
            continue
        for channel in range(channels):
            total = np.uint16(sums[place + np.uint64(channel)] + np.uint16(128))
            row[x, channel] = total >> np.uint16(8)

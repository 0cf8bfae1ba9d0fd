"""How much the histograms of the two halves of a disc differ, at every pixel and direction."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import COMPILED, jit

__all__ = ["DIRECTIONS", "half_disc_gradient"]

DIRECTIONS = 8
"""Directions of the dividing line: ``pi k / 8`` from the x axis towards the y axis."""

_TINY = np.float32(1e-6)


class _Disc(NamedTuple):
    """A disc cut in two, row by row: ``[-reach, split)`` and ``[split, reach]`` by x."""

    reach: NDArray[np.int64]
    split: NDArray[np.int64]
    ordered: bool


def half_disc_gradient(
    bins: NDArray[np.uint8], count: int, radius: int, *, ordered: bool = True
) -> NDArray[np.float32]:
    """Return the chi-square difference of the two half discs, (8, H, W) float32, 0..1.

    With the two histograms g and h, each summing to one, it is the sum over the bins of
    ``(g - h)^2 / (g + h)``, halved. Beyond the border the picture is mirrored.

    Args:
        bins: (H, W) uint8, the bin of each pixel, below ``count``.
        count: Number of bins.
        radius: Radius of the disc in pixels, 1 or more.
        ordered: Whether neighbouring bins are alike (brightness, colour; the histograms are then
            smoothed by 1 2 1) or only names (textons).

    Source:
        D. Martin, C. Fowlkes, J. Malik, "Learning to Detect Natural Image Boundaries Using Local
        Brightness, Color, and Texture Cues", PAMI 26(5), 2004. The histograms slide along the
        rows, so that a step costs a radius and not an area.

    >>> step = np.repeat(np.array([[0, 0, 0, 3, 3, 3]], np.uint8), 6, axis=0)
    >>> half_disc_gradient(step, 4, 2)[4, 3].argmax()  # line along y: strongest at the step
    np.int64(3)
    """
    result = np.empty((DIRECTIONS, *bins.shape), np.float32)
    margin = radius + 1
    padded = cv2.copyMakeBorder(bins, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    for k in range(DIRECTIONS):
        lies = abs(2 * k - DIRECTIONS) > DIRECTIONS // 2  # nearer to the x axis: swap the axes
        angle = np.pi * k / DIRECTIONS
        disc = _disc(radius, np.pi / 2 - angle if lies else angle, ordered=ordered)
        source = np.ascontiguousarray(padded.T if lies else padded)
        out = np.empty(bins.shape[::-1] if lies else bins.shape, np.float32)
        if COMPILED:
            _slide(source[1:, 1:], count, disc, out)
        else:
            _filter(source[1:-1, 1:-1], count, disc, out)
        result[k] = out.T if lies else out
    return result


def _disc(radius: int, angle: float, *, ordered: bool) -> _Disc:
    rows = np.arange(-radius, radius + 1)
    reach = np.floor(np.sqrt((radius + 0.5) ** 2 - rows**2)).astype(np.int64)
    split = np.rint(rows * np.cos(angle) / np.sin(angle)).astype(np.int64)
    return _Disc(reach, np.clip(split, -reach, reach + 1), ordered)


@jit
def _chi_square(
    first: NDArray[np.int32], second: NDArray[np.int32], ratio: np.float32
) -> np.float32:
    """Sum (u - v)^2 / (u + v) over the bins, with the second scaled by ``ratio``."""
    total = np.float32(0)
    for k in range(1, len(first) - 1):
        u, v = np.float32(first[k]), np.float32(second[k]) * ratio
        step = u - v
        total += step * step / (u + v + _TINY)
    return total


@jit
def _smooth(counts: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    """Smooth by 1 2 1; the first and the last bin are mirrored."""
    last = len(counts) - 2
    out[1] = 3 * counts[1] + counts[2] if last > 1 else 4 * counts[1]
    for k in range(2, last):
        out[k] = counts[k - 1] + 2 * counts[k] + counts[k + 1]
    if last > 1:
        out[last] = counts[last - 1] + 3 * counts[last]


@jit
def _fill(
    rows: NDArray[np.uint8], disc: _Disc, first: NDArray[np.int32], second: NDArray[np.int32]
) -> None:
    """Count both halves of the disc at the left end of a row of centres."""
    first[:] = 0
    second[:] = 0
    radius = len(disc.reach) // 2
    for dy in range(len(disc.reach)):
        middle, reach = radius + disc.split[dy], disc.reach[dy]
        for x in range(radius - reach, middle):
            first[rows[dy, x] + 1] += 1
        for x in range(middle, radius + reach + 1):
            second[rows[dy, x] + 1] += 1


@jit
def _step(
    rows: NDArray[np.uint8],
    x: int,
    disc: _Disc,
    first: NDArray[np.int32],
    second: NDArray[np.int32],
) -> None:
    """Move both halves one pixel to the right: one leaves, one crosses, one enters a row."""
    centre = x + len(disc.reach) // 2
    for dy in range(len(disc.reach)):
        leaves = rows[dy, centre - disc.reach[dy]] + 1
        crosses = rows[dy, centre + disc.split[dy]] + 1
        enters = rows[dy, centre + disc.reach[dy] + 1] + 1
        first[leaves] -= 1
        first[crosses] += 1
        second[crosses] -= 1
        second[enters] += 1


@jit
def _slide(padded: NDArray[np.uint8], count: int, disc: _Disc, out: NDArray[np.float32]) -> None:
    span = len(disc.reach)
    first, second = np.zeros(count + 2, np.int32), np.zeros(count + 2, np.int32)
    smooth_first, smooth_second = np.zeros(count + 2, np.int32), np.zeros(count + 2, np.int32)
    left = np.sum(disc.split + disc.reach)
    ratio = np.float32(left / np.sum(disc.reach - disc.split + 1))
    share = np.float32(0.125 / left) if disc.ordered else np.float32(0.5 / left)
    for y in range(out.shape[0]):
        rows = padded[y : y + span]
        _fill(rows, disc, first, second)
        for x in range(out.shape[1]):
            if disc.ordered:
                _smooth(first, smooth_first)
                _smooth(second, smooth_second)
                out[y, x] = _chi_square(smooth_first, smooth_second, ratio) * share
            else:
                out[y, x] = _chi_square(first, second, ratio) * share
            if x + 1 < out.shape[1]:
                _step(rows, x, disc, first, second)


def _filter(padded: NDArray[np.uint8], count: int, disc: _Disc, out: NDArray[np.float32]) -> None:
    """Do what :func:`_slide` does, with one filter for each bin and half."""
    radius = len(disc.reach) // 2
    x = np.arange(-radius, radius + 1)
    inside = np.abs(x) <= disc.reach[:, np.newaxis]
    before = inside & (x < disc.split[:, np.newaxis])
    halves = [before.astype(np.float32), (inside & ~before).astype(np.float32)]
    window = (slice(radius, -radius), slice(radius, -radius))
    counts = np.zeros((2, count, *out.shape), np.int32)
    for k in range(count):
        plane = (padded == k).astype(np.float32)
        for side, half in enumerate(halves):
            counts[side, k] = np.rint(cv2.filter2D(plane, -1, half)[window])
    if disc.ordered:
        wide = np.concatenate([counts[:, :1], counts, counts[:, -1:]], axis=1)
        counts = wide[:, :-2] + 2 * counts + wide[:, 2:]
    left = before.sum()
    ratio = np.float32(left / (inside & ~before).sum())
    total = np.zeros(out.shape, np.float32)
    for first, second in zip(
        counts[0].astype(np.float32), counts[1].astype(np.float32), strict=True
    ):
        scaled = second * ratio
        step = first - scaled
        total += step * step / (first + scaled + _TINY)
    out[:] = total * np.float32((0.125 if disc.ordered else 0.5) / left)

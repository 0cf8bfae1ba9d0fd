"""Three planes through a volume, as radiologists look at them, with outlines."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Result, Semantic, Space
from pixelwise.drawing import outlines
from pixelwise.ops.slabs import slabs

__all__ = ["NAMES", "three_planes"]

NAMES = ("axial", "coronal", "sagittal")
SIDES = (("R", "L"), ("R", "L"), ("A", "P"))
"""Letters at the left and right edge: the patient's right is on the reader's left."""
LONGEST = 480
"""Pixels of a picture's longer side."""
WIDER = 4.0
"""A window that is so many times wider than the values shows nothing, and is not used."""
LEAST = 40
"""A lower picture gets black above and below, so that its letters can be read."""
EDGE = 0.5
"""Quantile in per cent that becomes black, and from the top, white."""


def three_planes(
    image: Image,
    result: Result,
    window: tuple[float, float] | None = None,
    at: tuple[float, ...] | None = None,
) -> tuple[NDArray[np.uint8], ...]:
    """Return an axial, a coronal and a sagittal picture with outlines, RGB uint8.

    They go through the middle of what was found, or of the volume where nothing was. Voxels are
    shown as they are shaped; up is front or head, left the patient's right or front.

    Args:
        image: A volume; its first channel is shown.
        result: Of the volume.
        window: Centre and width of the values that are shown; None, or far wider than the values:
            0.5 to 99.5 % of them.
        at: Where the planes lie, shares 0..1 from left to right, back to front, foot to head;
            None: through the middle of what was found.
    """
    axes, flips = _to_ras(image.space)
    voxels = _turned(image.pixels[..., 0], axes, flips)
    labels = _turned(_labels(result), axes, flips)
    steps = [image.space.spacing[axis] for axis in axes]
    low, high = _ends(voxels, window)
    found = []
    for (grey, part, sides), letters in zip(_cuts(voxels, labels, steps, at), SIDES, strict=True):
        size = _pixels(sides)
        scaled = (grey.astype(np.float32) - low) * (255 / (high - low))
        plain = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
        shown = cv2.resize(plain, size[::-1], interpolation=cv2.INTER_LINEAR)
        drawn = _outlined(
            shown, cv2.resize(part, size[::-1], interpolation=cv2.INTER_NEAREST), result
        )
        found.append(_lettered(drawn, letters))
    return tuple(found)


def _cuts(
    voxels: NDArray[Any],
    labels: NDArray[Any],
    steps: list[float],
    at: tuple[float, ...] | None,
) -> Iterator[tuple[NDArray[Any], NDArray[np.int32], tuple[float, float]]]:
    """Yield grey, labels and the size in mm (height, width) of the three planes."""
    middle = _middle(labels) if at is None else _indices(at, labels.shape)
    for axis in (2, 1, 0):
        cut = [slice(None)] * 3
        cut[axis] = slice(middle[axis], middle[axis] + 1)
        grey, part = (array[tuple(cut)].squeeze(axis).T[::-1, ::-1] for array in (voxels, labels))
        first, second = (other for other in range(3) if other != axis)
        size = (voxels.shape[second] * steps[second], voxels.shape[first] * steps[first])
        yield grey, np.ascontiguousarray(part, np.int32), size


def _to_ras(space: Space) -> tuple[list[int], list[bool]]:
    """Return which array axis lies nearest to x, y and z, and whether it runs backwards."""
    matrix = space.matrix
    if matrix is None or matrix.shape != (4, 4):
        return [2, 1, 0], [False] * 3
    columns = matrix[:3, [2, 1, 0]]
    directions = columns / np.sqrt((columns**2).sum(axis=0))
    axes, flips = [0, 0, 0], [False] * 3
    strength = np.abs(directions)
    for _ in range(3):
        world, axis = np.unravel_index(int(strength.argmax()), (3, 3))
        axes[world], flips[world] = int(axis), bool(directions[world, axis] < 0)
        strength[world, :] = strength[:, axis] = -1
    return axes, flips


def _turned(array: NDArray[Any], axes: list[int], flips: list[bool]) -> NDArray[Any]:
    turned = array.transpose(axes)
    return turned[tuple(slice(None, None, -1 if flip else 1) for flip in flips)]


def _labels(result: Result) -> NDArray[Any]:
    """Return numbers above 0 for what was found; no copy where the result has them."""
    if isinstance(result, Instances):
        labels = np.zeros(result.size, np.int32)
        for number, crop in enumerate(result.crops, 1):
            labels[crop.window][crop.mask] = number
        return labels
    if isinstance(result, Semantic):
        return np.where(result.labels == result.legend.void, 0, result.labels)
    return np.asarray(result)


def _middle(labels: NDArray[Any]) -> tuple[int, ...]:
    """Return the index with most found voxels along each axis, so that each plane shows some."""
    order = np.argsort([-abs(step) for step in labels.strides], kind="stable")  # as they lie
    counts = [np.zeros(side, np.int64) for side in labels.shape]
    at = 0
    for piece in slabs(labels.transpose(order)):
        claimed = piece > 0
        counts[order[0]][at : at + len(piece)] = np.count_nonzero(claimed, axis=(1, 2))
        counts[order[1]] += np.count_nonzero(claimed, axis=(0, 2))
        counts[order[2]] += np.count_nonzero(claimed, axis=(0, 1))
        at += len(piece)
    if not counts[0].any():
        return tuple(side // 2 for side in labels.shape)
    fullest = [np.flatnonzero(count == count.max()) for count in counts]
    return tuple(int(places[len(places) // 2]) for places in fullest)


def _indices(shares: tuple[float, ...], size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(int(share * side), side - 1) for share, side in zip(shares, size, strict=True))


def _ends(voxels: NDArray[Any], window: tuple[float, float] | None) -> tuple[float, float]:
    """Return the values that become black and white: the window's where it fits the volume."""
    sample = voxels[tuple(slice(None, None, max(1, side // 128)) for side in voxels.shape)]
    finite = sample[np.isfinite(sample)] if sample.dtype.kind == "f" else sample
    low, high = np.percentile(finite, [EDGE, 100 - EDGE]) if finite.size else (0.0, 1.0)
    if window is not None and window[1] < WIDER * max(high - low, 1e-6):
        centre, width = window
        return centre - width / 2, centre + width / 2
    return float(low), float(max(high, low + 1e-6))


def _pixels(sides: tuple[float, float]) -> tuple[int, int]:
    scale = LONGEST / max(sides)
    return (max(8, round(sides[0] * scale)), max(8, round(sides[1] * scale)))


def _outlined(
    shown: NDArray[np.uint8], labels: NDArray[np.int32], result: Result
) -> NDArray[np.uint8]:
    image = Image(np.repeat(shown[..., np.newaxis], 3, axis=-1))
    return np.array(outlines(image, _flat(labels, result)).pixels)


def _flat(labels: NDArray[np.int32], result: Result) -> Result:
    """Return one plane of a result, of the same kind where that has colours of its own."""
    if isinstance(result, Foreground):
        return Foreground(labels > 0, legend=result.legend)
    if isinstance(result, Semantic):
        return Semantic(labels, result.legend)
    if isinstance(result, Panoptic):
        return replace(result, labels=labels, space=Space())
    return Regions(labels)


def _lettered(picture: NDArray[np.uint8], letters: tuple[str, str]) -> NDArray[np.uint8]:
    thin = max(0, LEAST - len(picture)) // 2
    picture = cv2.copyMakeBorder(picture, thin, thin, 0, 0, cv2.BORDER_CONSTANT)
    height, width = picture.shape[:2]
    for letter, x in zip(letters, (6, width - 20), strict=True):
        place = (x, height // 2 + 6)
        for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(picture, letter, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, thickness)
    return picture

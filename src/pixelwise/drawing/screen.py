"""Any picture, as a screen can show it, and the slice of a volume that says most."""

from dataclasses import replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import (
    Crop,
    Foreground,
    Image,
    Instances,
    Panoptic,
    Regions,
    Result,
    Segments,
    Semantic,
    Space,
)
from pixelwise.errors import InputError
from pixelwise.ops.colour import rgb8

__all__ = ["flattened", "fullest_slice", "screen_pixels"]

DARK = 4
"""16-bit pictures that use less than 1/4 of their range (12-bit sensors) are stretched."""

ENDS = (0.5, 99.5)
"""Percentiles that become black and white where values are stretched."""

MOST_SAMPLES = 250_000
"""So many values are enough to find percentiles."""


def screen_pixels(image: Image) -> NDArray[np.uint8]:
    """Return RGB (H, W, 3) uint8 of a picture, or of the middle slice of a volume.

    8-bit pictures are shown as they are, floats of 0..1 and 16-bit ones by their range. Measured
    data (Hounsfield units, reflectances, dark 12-bit sensors) are stretched between their 0.5
    and 99.5 percentiles, all channels alike. Alpha and bands beyond three are left out.

    >>> screen_pixels(Image(np.full((2, 2), 0.5, np.float32)))[0, 0].tolist()
    [128, 128, 128]
    """
    pixels = image.pixels[len(image.pixels) // 2] if image.is_volume else image.pixels
    if pixels.dtype.kind == "b" or pixels.dtype == np.uint8:
        return rgb8(pixels)
    step = max(1, pixels.size // MOST_SAMPLES)
    sample = pixels[..., :3].reshape(-1)[::step]
    seen = sample[np.isfinite(sample)]
    if seen.size == 0 or not _needs_stretch(seen):
        return rgb8(pixels)
    low, high = (float(end) for end in np.percentile(seen, ENDS))
    scale = 255 / (high - low) if high > low else 0.0
    known = np.nan_to_num(pixels[..., :3].astype(np.float32), nan=low, posinf=high, neginf=low)
    levels = np.clip((known - np.float32(low)) * np.float32(scale), 0, 255)
    return rgb8(np.rint(levels).astype(np.uint8))


def _needs_stretch(seen: NDArray[Any]) -> bool:
    if seen.dtype.kind == "u":
        return bool(0 < seen.max() < np.iinfo(seen.dtype).max // DARK)
    return not (seen.dtype.kind == "f" and seen.min() >= 0 and seen.max() <= 1)


@overload
def flattened(image: Image, result: Foreground) -> tuple[Image, Foreground]: ...
@overload
def flattened(image: Image, result: Result) -> tuple[Image, Result]: ...
def flattened(image: Image, result: Result) -> tuple[Image, Result]:
    """Return picture and result in two axes: of a volume, the slice with most in it.

    Raises:
        InputError: The two differ in size.
    """
    if image.size != result.size:
        raise InputError(
            f"the picture is {image.size} but the result {result.size}; draw a result on the "
            "picture it came from",
            reason="size",
        )
    if not image.is_volume:
        return image, result
    depth = fullest_slice(result)
    space = Space(image.space.spacing[1:], image.space.unit)
    return Image(image.pixels[depth], space, image.notes), _slice(result, depth)


def fullest_slice(result: Result) -> int:
    """Return the slice with the most claimed pixels, the middle one where nothing is claimed."""
    match result:
        case Foreground():
            claimed = result.mask.sum((1, 2))
        case Instances():
            claimed = np.zeros(result.size[0], np.int64)
            for crop in result.crops:
                claimed[crop.window[0]] += crop.mask.sum((1, 2))
        case Semantic():
            names = [row.id for row in result.legend if row.name == "background"]
            claimed = (~np.isin(result.labels, [result.legend.void, *names])).sum((1, 2))
        case _:
            claimed = (np.asarray(result) > 0).sum((1, 2))
    return int(claimed.argmax()) if claimed.any() else result.size[0] // 2


def _slice(result: Result, depth: int) -> Result:
    match result:
        case Foreground():
            alpha = None if result.plane is None else result.alpha[depth]
            return Foreground(result.mask[depth], alpha, legend=result.legend)
        case Semantic():
            return replace(result, labels=result.labels[depth], scores=None, space=Space())
        case Instances():
            return _slice_things(result, depth)
        case Panoptic() | Regions():
            return replace(result, labels=result.labels[depth], space=Space())
    raise InputError(f"a {type(result).__name__} cannot be drawn")


def _slice_things(result: Instances, depth: int) -> Instances:
    rows = [
        row
        for row, crop in enumerate(result.crops)
        if crop.window[0].start <= depth < crop.window[0].stop
    ]
    whole = [result.crops[row] for row in rows]
    crops = [Crop(crop.origin[1:], crop.mask[depth - crop.origin[0]]) for crop in whole]
    boxes = np.array([crop.box for crop in crops], np.float32).reshape(-1, 4)
    table: Segments = result.segments[np.array(rows, np.int64)].with_columns(box=boxes)
    return Instances(table, tuple(crops), result.size[1:], result.legend)

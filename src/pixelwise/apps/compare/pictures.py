"""How results look on the comparison page and on the contact sheet."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.compare.comparison import Comparison
from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Result, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.drawing import draw, mask_picture, sheet
from pixelwise.ops.colour import rgb8

__all__ = ["contact_sheet", "labels_picture", "result_picture", "result_size"]

CELL = 320


def result_picture(image: Image, result: Result) -> NDArray[np.uint8]:
    """Return the segmentation as a picture (H, W, 3) of its own.

    Regions in their mean colours with white lines between them, foreground light on grey, what
    has names as an overlay with its legend.
    """
    if isinstance(result, Regions):
        return _mean_colours(rgb8(image.pixels), result.labels)
    if isinstance(result, Foreground):
        return mask_picture(result).pixels[..., :3]
    return draw(image, result).pixels[..., :3]


def labels_picture(labels: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return labels as colours (h, w, 3); 0 is black."""
    count = int(labels.max()) + 1
    table = np.array([spread_colour(number) for number in range(count)], np.uint8)
    if count == 2:
        table[1] = (240, 240, 240)
    return table[labels]


def result_size(result: Result) -> str:
    """Return how much was found, in words."""
    match result:
        case Regions():
            return f"{result.count} regions"
        case Foreground():
            return f"{result.mask.mean():.0%} foreground"
        case Semantic():
            return f"{len(result.present)} classes"
        case Instances():
            return f"{len(result)} things"
        case Panoptic():
            return f"{len(result.segments)} segments"
    return ""


def contact_sheet(comparison: Comparison) -> Image:
    """Return all results in one picture, captioned."""
    cells = {"original": comparison.image}
    for entry in comparison.entries:
        if entry.result is not None:
            title = f"{entry.name}: {result_size(entry.result)}, {entry.seconds:.2f} s"
            cells[title] = Image(result_picture(comparison.image, entry.result))
    return sheet(cells, columns=min(6, round(len(cells) ** 0.5)), width=CELL)


def _mean_colours(pixels: NDArray[np.uint8], labels: NDArray[np.int32]) -> NDArray[np.uint8]:
    flat = labels.reshape(-1)
    areas = np.maximum(np.bincount(flat), 1)
    sums = [np.bincount(flat, pixels[..., channel].reshape(-1)) for channel in range(3)]
    means = np.stack([total / areas for total in sums], axis=1).astype(np.uint8)
    picture = means[labels]
    lines = np.zeros(labels.shape, bool)
    lines[:, 1:] = labels[:, 1:] != labels[:, :-1]
    lines[1:] |= labels[1:] != labels[:-1]
    picture[lines] = 255
    return picture

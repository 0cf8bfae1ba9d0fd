"""What the worst pictures of an evaluation look like, truth and prediction side by side."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.cli.exits import report
from pixelwise.cli.joining import Pair, pairs
from pixelwise.cli.scoring import Sides, picture_of
from pixelwise.convert import to_foreground, to_semantic
from pixelwise.core import Image, Result, Semantic
from pixelwise.drawing import draw
from pixelwise.evaluation.figures import Shown
from pixelwise.evaluation.tracks import video_of

__all__ = ["pictures_of"]

GREY = 128
GAP = 60
"""Pictures are so many times as wide as the gap between them."""


def pictures_of(wanted: set[str], sides: Sides, folder: Path | None) -> dict[str, Shown]:
    """Return what to show of each name.

    A video is shown by the frame in which its masks agree least, a volume by such a slice; flicker
    counts frames from 1.

    Args:
        wanted: Names of pictures and videos.
        sides: Truth and prediction.
        folder: Of the pictures; without it, or where it lacks one, the ground is grey.
    """
    least: dict[str, tuple[float, Pair]] = {}
    frames: Counter[str] = Counter()
    for pair in pairs(*sides.read()):
        video = video_of(pair.name)
        frames[video] += 1
        for name in {pair.name, f"{video}/{frames[video]}", video} & wanted:
            agreed = _agreement(pair) if name == video else 0.0
            if name not in least or agreed < least[name][0]:
                least[name] = agreed, pair
    return dict(_drawn(least, sides, folder))


def _drawn(
    least: dict[str, tuple[float, Pair]], sides: Sides, folder: Path | None
) -> Iterator[tuple[str, Shown]]:
    lacking: list[str] = []
    for name, (_, pair) in least.items():
        image = None if folder is None else picture_of(folder, pair.name)
        if folder is not None and image is None:
            lacking.append(pair.name)
        ground = image or Image(np.full((*pair.truth.size[-2:], 3), GREY, np.uint8))
        truth, result = sides.pair(pair)
        part = "" if name == pair.name else f"frame {pair.name.rpartition('/')[2]}"
        if len(truth.size) > 2:
            place, truth, result = _least_alike(truth, result)
            part = f"slice {place}"
        yield name, Shown(_side_by_side(truth, result, ground), part)
    if lacking:
        report(f"warning: {folder} has no picture {lacking[0]} ({len(lacking)} shown without)")


def _agreement(pair: Pair) -> float:
    """Return the IoU of what either side holds for foreground, whatever its kind."""
    truth, result = (to_foreground(side).mask for side in (pair.truth, pair.result))
    joint = np.count_nonzero(truth | result)
    return np.count_nonzero(truth & result) / joint if joint else 1.0


def _least_alike(truth: Result, result: Result) -> tuple[int, Result, Result]:
    """Return the slice of two volumes of labels in which most voxels differ, from 0, and both."""
    sides = [to_semantic(side) for side in (truth, result)]
    differing = np.count_nonzero(sides[0].labels != sides[1].labels, axis=(1, 2))
    place = int(differing.argmax())
    first, second = (Semantic(side.labels[place], side.legend) for side in sides)
    return place, first, second


def _side_by_side(truth: Result, result: Result, image: Image) -> NDArray[np.uint8]:
    """Return the truth on the left and the prediction on the right, (H, W, 3) uint8."""
    parts = [draw(image, side).pixels[..., :3] for side in (truth, result)]
    height, width = parts[0].shape[:2]
    gap = np.full((height, max(1, width // GAP), 3), 255, np.uint8)
    return np.concatenate([parts[0], gap, parts[1]], axis=1).astype(np.uint8)

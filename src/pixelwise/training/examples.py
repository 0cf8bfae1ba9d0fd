"""What is learnt from: pictures with a number for each pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Regions, Result, Semantic
from pixelwise.errors import InputError

__all__ = ["VOID", "Example", "numbered", "parted"]

VOID = -1
"""Class index of pixels that nobody claims; they teach nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One annotated picture or volume.

    Args:
        name: What it is called in messages.
        image: The picture.
        numbers: int32 of the picture's size: class numbers, or 0 and one number for each thing.
        classes: (N,) int32, class index of each number; 0 is the background, -1 void.
        truth: What it was read from, for scores.
    """

    name: str
    image: Image
    numbers: NDArray[np.int32]
    classes: NDArray[np.int32]
    truth: Result

    @property
    def targets(self) -> NDArray[np.int32]:
        """Class index of each pixel."""
        return self.classes[self.numbers]


def numbered(truth: Result) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return a number for each pixel, and the class index of each number.

    Where things overlap, the smaller one lies above.

    Raises:
        InputError: The truth is of another kind.

    >>> numbers, classes = numbered(Foreground(np.array([[True, False]])))
    >>> classes[numbers].tolist()
    [[1, 0]]
    """
    match truth:
        case Foreground():
            return truth.mask.astype(np.int32), np.array([0, 1], np.int32)
        case Semantic():
            return _classes(truth)
        case Instances():
            return _things(truth)
        case Regions():
            numbers = truth.labels.astype(np.int32)
            return numbers, (np.arange(int(numbers.max(initial=0)) + 1) > 0).astype(np.int32)
    raise InputError(f"nothing here learns from {type(truth).__name__}; convert it to instances")


def parted(
    examples: Sequence[Example], share: float, fold: int = 0, folds: int = 0
) -> tuple[list[Example], list[Example]]:
    """Return those to learn from and those kept: the last ones by name, or the fold before.

    Args:
        examples: All.
        share: Of those kept; at least one of several.
        fold: 0: the last part, 1: the one before it, and so on around.
        folds: Into so many even parts they fall, each kept once; 0: by ``share``.

    Raises:
        InputError: There are fewer than folds.
    """
    ordered = sorted(examples, key=lambda example: example.name)
    if len(ordered) < folds:
        raise InputError(f"{len(ordered)} pictures do not make {folds} folds", reason="empty")
    if not folds and (share == 0 or len(ordered) < 2):
        return ordered, ordered[-1:]
    if folds:
        start, end = (len(ordered) * part // folds for part in (folds - 1 - fold, folds - fold))
    else:
        count = max(1, round(len(ordered) * share))
        end = len(ordered) - fold * count % len(ordered)
        start = max(0, end - count)
    return [*ordered[:start], *ordered[end:]], ordered[start:end]


def _classes(truth: Semantic) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    ids = truth.legend.ids
    table = np.full(max(int(ids.max()), truth.legend.void, int(truth.labels.max())) + 1, VOID)
    table[ids] = np.arange(len(ids))
    return truth.labels.astype(np.int32), table.astype(np.int32)


def _things(truth: Instances) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    numbers = np.zeros(truth.size, np.int32)
    order = np.argsort(-truth.segments.area, kind="stable")
    for row in order:
        crop = truth.crops[row]
        numbers[crop.window][crop.mask] = row + 1
    names = [row.id for row in truth.legend if row.name != "background"]
    classes = [0, *(names.index(number) + 1 for number in truth.segments.class_id.tolist())]
    return numbers, np.array(classes, np.int32)

"""Whether two forms of one network give the same masks, measured on pictures."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.convert import to_semantic
from pixelwise.core import Foreground, Image, Instances, Panoptic, Result, Semantic
from pixelwise.errors import InputError

__all__ = ["LEAST", "Proof", "proved"]

LEAST = 0.99
"""Mean agreement from which two forms count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a comparison of two forms said.

    Args:
        pictures: How many were compared.
        agreement: Mean IoU of what both found, each class by itself; 1 is equal.
        lowest: That of the worst picture.
        worst: Its name.
        areas: Mean of the smaller area by the larger one.
        things: Mean of the smaller number of things by the larger one; 1 without things.
        scores: Mean difference of the best scores of things.
        least: Agreement from which they count as equal.
    """

    pictures: int
    agreement: float
    lowest: float
    worst: str
    areas: float
    things: float
    scores: float
    least: float = LEAST

    @property
    def holds(self) -> bool:
        """Whether they count as equal."""
        return self.agreement >= self.least

    @property
    def line(self) -> str:
        """One line for people."""
        word = "equal" if self.holds else "NOT equal"
        return (
            f"{word}: IoU {self.agreement:.4f} on {self.pictures} pictures, "
            f"lowest {self.lowest:.4f} ({self.worst})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all figures, as JSON can hold them."""
        return asdict(self) | {"holds": self.holds}


def proved(
    first: Callable[[Image], Result],
    second: Callable[[Image], Result],
    pictures: Mapping[str, Image],
    least: float = LEAST,
) -> Proof:
    """Run both on the same pictures and compare what they found.

    Raises:
        InputError: There is no picture.
    """
    if not pictures:
        raise InputError("a proof needs sample pictures")
    rows = []
    for name, image in pictures.items():
        one, two = first(image), second(image)
        rows.append((name, _agreement(one, two), *_counts(one, two)))
    worst = min(rows, key=lambda row: row[1])
    means = np.mean([row[1:] for row in rows], axis=0).tolist()
    return Proof(
        pictures=len(rows),
        agreement=means[0],
        lowest=worst[1],
        worst=worst[0],
        areas=means[1],
        things=means[2],
        scores=means[3],
        least=least,
    )


def _agreement(one: Result, two: Result) -> float:
    """Return the mean IoU over the classes that either has."""
    first, second = _classes(one), _classes(two)
    found = []
    for label in np.union1d(first, second):
        mine, other = first == label, second == label
        found.append(float((mine & other).sum() / (mine | other).sum()))
    return float(np.mean(found))


def _classes(result: Result) -> NDArray[np.int32]:
    match result:
        case Foreground():
            return result.mask.astype(np.int32)
        case Semantic() | Panoptic():
            return to_semantic(result).labels
        case Instances():
            made = np.zeros(result.size, np.int32)
            for crop, label in zip(result.crops, result.segments.class_id.tolist(), strict=True):
                made[crop.window][crop.mask] = label + 1
            return made
    raise InputError(f"results of {result.task} are not compared")


def _counts(one: Result, two: Result) -> tuple[float, float, float]:
    """Return areas and numbers of things, the smaller by the larger, and the scores' difference."""
    areas = _ratio(*(int(np.count_nonzero(_classes(side))) for side in (one, two)))
    if not isinstance(one, Instances | Panoptic) or not isinstance(two, Instances | Panoptic):
        return areas, 1.0, 0.0
    best = [np.sort(side.segments.score)[::-1] for side in (one, two)]
    both = min(map(len, best))
    gap = float(np.abs(best[0][:both] - best[1][:both]).mean()) if both else 0.0
    return areas, _ratio(*(len(side.segments) for side in (one, two))), gap


def _ratio(first: int, second: int) -> float:
    return 1.0 if first == second else min(first, second) / max(first, second)

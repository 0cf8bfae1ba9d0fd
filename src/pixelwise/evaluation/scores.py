"""The scores of a prediction: values with error bars, classes, pictures, and what is worst."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, UnknownName
from pixelwise.evaluation.metric import Better, Metric, Sample
from pixelwise.evaluation.statistics import Difference, difference

__all__ = ["ClassScore", "Score", "Scores", "compare"]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class of one metric; ``samples`` is the number of pictures whose truth has it."""

    name: str
    value: float
    low: float
    high: float
    samples: int


@dataclass(frozen=True, eq=False)
class Score:
    """One metric.

    Args:
        metric: What it is: name, rule, which end is good.
        value: Its value over all pictures, NaN when none could be scored.
        low: Lower end of the bootstrap 95 % interval over pictures; NaN for one picture.
        high: Upper end.
        samples: Number of pictures (of videos, for tracks).
        per_class: The classes that occur, in the legend's order; empty without classes.
        sample: The numbers behind the score.
    """

    metric: Metric
    value: float
    low: float
    high: float
    samples: int
    per_class: tuple[ClassScore, ...]
    sample: Sample = field(repr=False)

    @cached_property
    def per_picture(self) -> NDArray[np.float64]:
        """(samples,) float64, the value of each picture (video) alone, NaN where it has none."""
        single = np.eye(len(self.sample.names))
        blocks = np.array_split(single, max(1, len(single) // 64))
        return np.concatenate([self.sample.values(self.metric, rows).overall for rows in blocks])

    def to_dict(self) -> dict[str, object]:
        """Return value, low, high, samples and per_class; what is unknown is None."""
        return {
            "value": _number(self.value),
            "low": _number(self.low),
            "high": _number(self.high),
            "samples": self.samples,
            "per_class": {
                row.name: {
                    "value": _number(row.value),
                    "low": _number(row.low),
                    "high": _number(row.high),
                    "samples": row.samples,
                }
                for row in self.per_class
            },
        }


@dataclass(frozen=True, eq=False)
class Scores(Mapping[str, Score]):
    """Name -> score, in the order asked for.

    Args:
        rows: The scores by name.
        pictures: Names of the pictures.

    >>> from pixelwise.evaluation import evaluate
    >>> mask = np.array([[True, True, False, False]])
    >>> scores = evaluate(Foreground(mask), Foreground(mask[:, ::-1] | mask))
    >>> scores["miou"].value, scores["dice"].samples
    (0.5, 1)
    """

    rows: Mapping[str, Score]
    pictures: tuple[str, ...]

    def __getitem__(self, name: str) -> Score:
        if name not in self.rows:
            raise UnknownName.among("score", name, self.rows)
        return self.rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    @property
    def confusion(self) -> tuple[tuple[str, ...], NDArray[np.int64]] | None:
        """Class names, and (C, C + 1) pixels by true class and given class, void last."""
        for score in self.rows.values():
            sample = score.sample
            if sample.confusion is not None:
                return sample.classes, sample.confusion
        return None

    def worst(self, name: str, count: int = 5) -> list[tuple[str, float]]:
        """Return the pictures that score worst by one metric, worst first.

        Raises:
            UnknownName: There is no score of that name.
        """
        score = self[name]
        sign = 1 if score.metric.better is Better.HIGHER else -1
        known = np.flatnonzero(~np.isnan(score.per_picture))
        order = known[np.argsort(sign * score.per_picture[known], kind="stable")][:count]
        names = score.sample.names
        return [(names[place], float(score.per_picture[place])) for place in order]

    def to_dict(self) -> dict[str, dict[str, object]]:
        """Return ``{name: {"value", "low", "high", "samples", "per_class"}}`` for JSON."""
        return {name: score.to_dict() for name, score in self.rows.items()}

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={score.value:.4g}" for name, score in self.rows.items())
        return f"Scores({values}; {len(self.pictures)} pictures)"


def compare(
    first: Scores, second: Scores, *, draws: int = 1000, seed: int = 0
) -> dict[str, Difference]:
    """Return, for each metric of both, how much the second prediction differs from the first.

    Raises:
        InputError: The two were scored on different pictures, or share no metric.
    """
    if first.pictures != second.pictures:
        odd = sorted(set(first.pictures) ^ set(second.pictures))
        raise InputError(
            "two predictions compare only on the same pictures in the same order"
            + (f"; only one has {', '.join(odd[:5])}" if odd else "")
        )
    shared = [name for name in first if name in second]
    if not shared:
        raise InputError(f"no metric in common: {list(first)} and {list(second)}")
    return {
        name: difference(first[name].metric, first[name].sample, second[name].sample, draws, seed)
        for name in shared
    }


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None

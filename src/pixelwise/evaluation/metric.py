"""What a metric is: pictures are measured once, and their numbers are summed up many times.

A :class:`Family` measures pictures; its :class:`Sample` keeps the few numbers of each that the
score of any set of pictures follows from. So error bars, tests and worst pictures need no second
look at the masks.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Result
from pixelwise.errors import InputError

__all__ = [
    "LENGTH",
    "Better",
    "CountFamily",
    "CountSample",
    "Family",
    "Metric",
    "Sample",
    "Values",
    "ratio",
]

Truth = Result | Sequence[Result]
Array = NDArray[np.float64]
LENGTH = "px or mm"
"""Unit of lengths; of pictures that are measured, it becomes that of their spacing."""


class Better(StrEnum):
    """Which end of a metric is the good one."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The score of several weighted sets of pictures.

    Args:
        overall: (B,) float64, NaN where nothing could be scored.
        by_class: (B, C) float64, NaN where a class does not occur.
    """

    overall: Array
    by_class: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the METRICS table.

    Args:
        name: Its usual name in lower case, as results carry it.
        family: Makes what measures the pictures; metrics of one family share the work.
        better: Which end is good.
        rule: One sentence: what is counted, which classes, what void does.
        per_class: (..., C, K) sums to (..., C) values; for families of counts.
        overall: (..., C, K) sums to (...) one value; None: the mean over the classes that occur.
        unit: Unit of the value, empty for shares.
    """

    name: str
    family: "Callable[[], Family]"
    rule: str
    better: Better = Better.HIGHER
    per_class: Callable[[Array], Array] | None = None
    overall: Callable[[Array], Array] | None = None
    unit: str = ""

    def measured_in(self, unit: str) -> "Metric":
        """Return the metric of pictures whose lengths have that unit.

        >>> Metric(name="gap", family=Family, rule="Within 1 px or mm.").measured_in("mm").rule
        'Within 1 mm.'
        """
        own = unit if self.unit == LENGTH else self.unit
        return replace(self, unit=own, rule=self.rule.replace(LENGTH, unit))


class Sample(ABC):
    """The numbers of some pictures, from which each metric of the family follows."""

    names: tuple[str, ...]
    """Names of the pictures (of the videos, for tracks)."""
    classes: tuple[str, ...]
    """Names of the classes, one for families without classes."""
    confusion: NDArray[np.int64] | None = None
    """(C, C + 1) pixels of each true class by the class they got; the last column is void."""

    @abstractmethod
    def values(self, metric: Metric, weights: Array) -> Values:
        """Return the scores when picture ``n`` occurs ``weights[b, n]`` times, (B, N)."""

    @abstractmethod
    def joined(self, other: "Sample") -> "Sample":
        """Return both samples as one, for tests between two predictions of the same pictures."""

    @property
    @abstractmethod
    def support(self) -> NDArray[np.int64]:
        """(C,) int64, number of pictures in whose truth each class occurs."""


class Family(ABC):
    """Measures pictures one after the other."""

    @abstractmethod
    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Measure one picture."""

    @abstractmethod
    def sample(self) -> Sample:
        """Return the numbers of all pictures so far."""


@dataclass(frozen=True, eq=False)
class CountSample(Sample):
    """Numbers that simply add up over pictures.

    Args:
        names: (N,) pictures.
        classes: (C,) classes.
        counts: (N, C, K) float64.
        seen: (N, C) bool, classes that occur in the truth of each picture.
        confusion: See :class:`Sample`.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    counts: Array
    seen: NDArray[np.bool_]
    confusion: NDArray[np.int64] | None = None

    def values(self, metric: Metric, weights: Array) -> Values:
        """Return the scores of weighted sums.

        Raises:
            InputError: The metric cannot be had from sums of counts.
        """
        if metric.per_class is None:
            raise InputError(f"{metric.name} has no rule for sums of counts")
        flat = self.counts.reshape(len(self.counts), -1)
        sums = (weights @ flat).reshape(len(weights), *self.counts.shape[1:])
        by_class = metric.per_class(sums)
        overall = _mean(by_class) if metric.overall is None else metric.overall(sums)
        return Values(overall, by_class)

    def joined(self, other: Sample) -> "CountSample":
        """Return both as one.

        Raises:
            InputError: The classes differ.
        """
        if not isinstance(other, CountSample) or other.classes != self.classes:
            raise InputError("two predictions compare only when scored with the same classes")
        return CountSample(
            self.names + other.names,
            self.classes,
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.seen, other.seen]),
        )

    @property
    def support(self) -> NDArray[np.int64]:
        """Pictures with each class."""
        return self.seen.sum(axis=0, dtype=np.int64)


class CountFamily(Family):
    """A family whose pictures give rows of counts that add up."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._counts: list[Array] = []
        self._seen: list[NDArray[np.bool_]] = []
        self._classes: tuple[str, ...] = ()

    def add(self, truth: Truth, result: Result, name: str) -> None:
        """Measure one picture.

        Raises:
            InputError: The classes differ from those of earlier pictures.
        """
        classes = self.classes_of(truth)
        if self._names and classes != self._classes:
            raise InputError(f"{name} has other classes than {self._names[0]}")
        counts, seen = self.measure(truth, result)
        self._classes = classes
        self._names.append(name)
        self._counts.append(counts)
        self._seen.append(seen)

    def sample(self) -> Sample:
        """Return the numbers of all pictures so far."""
        counts, seen = np.array(self._counts, np.float64), np.array(self._seen, bool)
        return CountSample(tuple(self._names), self._classes, counts, seen, self.confusion())

    def classes_of(self, truth: Truth) -> tuple[str, ...]:  # noqa: ARG002 - for others
        """Return the names on the class axis; one name for families without classes."""
        return ("all",)

    def confusion(self) -> NDArray[np.int64] | None:
        """Return the confusion matrix of all pictures so far, if the family has one."""
        return None

    @abstractmethod
    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return the counts (C, K) of one picture, and (C,) bool: which classes its truth has."""


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Array:
    """Return part / whole, NaN where the whole is 0.

    >>> ratio(np.array([1, 0]), np.array([2, 0])).tolist()
    [0.5, nan]
    """
    whole = np.asarray(whole, np.float64)
    return np.asarray(part / np.where(whole == 0, np.nan, whole), np.float64)


def _mean(by_class: Array) -> Array:
    """Return the mean over the last axis of what is not NaN; NaN where all is."""
    known = ~np.isnan(by_class)
    return ratio(np.where(known, by_class, 0).sum(axis=-1), known.sum(axis=-1))

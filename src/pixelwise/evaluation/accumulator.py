"""``evaluate`` and the accumulator behind it: add pictures, then ask for the scores."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixelwise.core import Instances, Panoptic, Regions, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation import table
from pixelwise.evaluation.metric import Family, Metric, Sample, Truth
from pixelwise.evaluation.scores import ClassScore, Score, Scores
from pixelwise.evaluation.statistics import intervals

__all__ = ["Evaluation", "evaluate", "evaluate_all", "score_sample"]


def evaluate(truth: Truth, result: Result, metrics: Sequence[str | Metric] | None = None) -> Scores:
    """Score one result against its truth.

    Args:
        truth: The truth, of the same type as the result; several people's ``Regions`` as a list.
        result: What a segmenter returned.
        metrics: Names of METRICS, or metrics with settings of their own; None: those that fit
            the type.

    Raises:
        InputError: Types, sizes, classes or ids do not fit; the message says which.
        UnknownName: There is no such metric.

    >>> truth = Foreground(np.array([[True, True, False, False]]))
    >>> scores = evaluate(truth, Foreground(np.array([[True, False, False, False]])), ["dice"])
    >>> round(scores["dice"].value, 3)
    0.667
    """
    evaluation = Evaluation(metrics)
    evaluation.add(truth, result)
    return evaluation.scores()


def evaluate_all(
    truths: Mapping[str, Truth],
    results: Mapping[str, Result],
    metrics: Sequence[str | Metric] | None = None,
) -> Scores:
    """Score results against truths of the same names.

    Raises:
        InputError: A name is missing on either side, or see :func:`evaluate`.

    >>> mask = Foreground(np.eye(2, dtype=bool))
    >>> evaluate_all({"a": mask, "b": mask}, {"a": mask, "b": mask})["miou"].samples
    2
    """
    _check_names(truths, results)
    evaluation = Evaluation(metrics)
    for name, truth in truths.items():
        evaluation.add(truth, results[name], name)
    return evaluation.scores()


class Evaluation:
    """Scores pictures one at a time and keeps only a few numbers of each.

    Args:
        metrics: As in :func:`evaluate`.

    >>> evaluation = Evaluation(["miou"])
    >>> evaluation.add(Foreground(np.eye(2, dtype=bool)), Foreground(np.ones((2, 2), bool)))
    >>> evaluation.scores()["miou"].value
    0.5
    """

    def __init__(self, metrics: Sequence[str | Metric] | None = None) -> None:
        self._asked = metrics
        self._metrics: tuple[Metric, ...] = ()
        self._families: dict[object, Family] = {}
        self._names: dict[str, None] = {}
        self._kind: type[Result] | None = None

    def add(self, truth: Truth, result: Result, name: str | None = None) -> None:
        """Measure one picture; unnamed pictures are numbered from 1.

        Raises:
            InputError: The name repeats, or types, sizes, classes or ids do not fit.
        """
        name = str(len(self._names) + 1) if name is None else name
        if name in self._names:
            raise InputError(f"the picture {name!r} was added twice")
        kind = _kind_of(truth, result, name)
        if self._kind is None:
            self._start(kind, result)
        if kind is not self._kind:
            raise InputError(f"{name}: {kind.__name__} among {self._kind.__name__}")  # type: ignore[union-attr]
        for family in self._families.values():
            family.add(truth, result, name)
        self._names[name] = None

    def scores(self, *, draws: int = 1000, seed: int = 0) -> Scores:
        """Return the scores of all pictures so far.

        Args:
            draws: Bootstrap draws for the 95 % intervals; 0 for none.
            seed: Of the draws.

        Raises:
            InputError: No picture was added.
        """
        if not self._names:
            raise InputError("no picture was added; there is nothing to score")
        samples = {key: family.sample() for key, family in self._families.items()}
        rows = {
            metric.name: score_sample(metric, samples[metric.family], draws, seed)
            for metric in self._metrics
        }
        return Scores(rows, tuple(self._names))

    def _start(self, kind: type[Result], result: Result) -> None:
        axes, unit = len(result.size), result.space.unit
        asked = table.defaults(kind, axes) if self._asked is None else self._asked
        if not asked:
            raise InputError("no metric was asked for")
        metrics = tuple(
            (metric if isinstance(metric, Metric) else table.find(metric, kind)).measured_in(unit)
            for metric in asked
        )
        for metric in metrics:
            self._families.setdefault(metric.family, metric.family())
        self._metrics, self._kind = metrics, kind


def score_sample(metric: Metric, sample: Sample, draws: int = 1000, seed: int = 0) -> Score:
    """Return the score of pictures that are measured already, with its error bars."""
    pictures = len(sample.names)
    whole = sample.values(metric, np.ones((1, pictures)))
    spread = intervals(metric, sample, draws, seed)
    support = sample.support
    rows = [
        ClassScore(name, float(value), interval.low, interval.high, int(count))
        for name, value, interval, count in zip(
            sample.classes, whole.by_class[0], spread.by_class, support, strict=True
        )
        if not np.isnan(value)
    ]
    return Score(
        metric,
        float(whole.overall[0]),
        spread.overall.low,
        spread.overall.high,
        pictures,
        tuple(rows) if len(sample.classes) > 1 else (),
        sample,
    )


def _kind_of(truth: Truth, result: Result, name: str) -> type[Result]:
    """Check that truth and result fit, and return their type."""
    truths = [truth] if isinstance(truth, Result) else list(truth)
    if not truths:
        raise InputError(f"{name}: there is no truth")
    for one in truths:
        if type(one) is not type(result):
            raise InputError(
                f"{name}: the truth is {type(one).__name__} and the result "
                f"{type(result).__name__}; bring both to one type (to_{result.task} and its kin)",
                reason="type",
            )
        if one.size != result.size:
            raise InputError(
                f"{name}: the truth is {one.size}, the result {result.size}; sizes must be equal",
                reason="size",
            )
        _check_legends(one, result, name)
    if len(truths) > 1 and not isinstance(result, Regions):
        raise InputError(
            f"{name}: only Regions may have several truths, not {type(result).__name__}"
        )
    return type(result)


def _check_legends(truth: Result, result: Result, name: str) -> None:
    if not isinstance(truth, Semantic | Instances | Panoptic):
        return
    if not isinstance(result, Semantic | Instances | Panoptic) or truth.legend is result.legend:
        return
    ours = {row.id: row.name for row in truth.legend}
    theirs = {row.id: row.name for row in result.legend}
    odd = [number for number in {**ours, **theirs} if ours.get(number) != theirs.get(number)]
    if odd:
        shown = ", ".join(
            f"{n}: {ours.get(n, 'none')!r} / {theirs.get(n, 'none')!r}" for n in odd[:5]
        )
        raise InputError(
            f"{name}: truth and result mean different classes ({shown}); bring them to one legend",
            reason="classes",
        )


def _check_names(truths: Mapping[str, Truth], results: Mapping[str, Result]) -> None:
    lacking = [name for name in truths if name not in results]
    extra = [name for name in results if name not in truths]
    if not truths or lacking or extra:
        parts = [
            "there is no truth" if not truths else "",
            f"no result for {', '.join(lacking[:5])} ({len(lacking)} in all)" if lacking else "",
            f"no truth for {', '.join(extra[:5])} ({len(extra)} in all)" if extra else "",
        ]
        raise InputError("names do not match: " + "; ".join(filter(None, parts)), reason="names")

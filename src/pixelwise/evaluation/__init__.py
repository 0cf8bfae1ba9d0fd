"""Scores that can be trusted: every metric with classes, error bars, tests and worst pictures."""

from pixelwise.evaluation.accumulator import Evaluation, evaluate, evaluate_all
from pixelwise.evaluation.metric import Better, Metric
from pixelwise.evaluation.scores import ClassScore, Score, Scores, compare
from pixelwise.evaluation.statistics import Difference
from pixelwise.evaluation.table import METRICS

__all__ = [
    "METRICS",
    "Better",
    "ClassScore",
    "Difference",
    "Evaluation",
    "Metric",
    "Score",
    "Scores",
    "compare",
    "evaluate",
    "evaluate_all",
]

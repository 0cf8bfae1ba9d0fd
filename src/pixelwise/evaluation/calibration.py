"""How far scores can be taken at their word: expected calibration error, reliability curve.

Source:
    C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks",
    ICML 2017.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Result, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation.metric import (
    Array,
    Better,
    CountFamily,
    CountSample,
    Metric,
    Sample,
    Truth,
    ratio,
)

__all__ = ["BINS", "ECE", "Calibration", "Reliability", "reliability"]

BINS = 15


class Calibration(CountFamily):
    """Counts pixels, their confidence and their hits in equal bins of confidence."""

    def measure(self, truth: Truth, result: Result) -> tuple[Array, NDArray[np.bool_]]:
        """Return pixels, confidence and hits of each bin, (1, 3 x bins)."""
        confidence, correct = _judged(truth, result)
        place = np.minimum(np.ceil(confidence * BINS).astype(np.int64) - 1, BINS - 1)
        place = np.maximum(place, 0)
        parts = (None, confidence, correct)
        counts = [np.bincount(place, weights=part, minlength=BINS) for part in parts]
        return np.concatenate(counts)[None].astype(np.float64), np.ones(1, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The reliability curve.

    Args:
        pixels: (15,) float64 pixels in each bin of confidence.
        confidence: (15,) float64 their mean confidence, NaN for an empty bin.
        accuracy: (15,) float64 the share of them that is right, NaN for an empty bin.
    """

    pixels: Array
    confidence: Array
    accuracy: Array


def reliability(sample: Sample) -> Reliability:
    """Return the curve of all pictures of a calibration sample.

    Raises:
        InputError: The sample is of another family.
    """
    if not isinstance(sample, CountSample) or sample.counts.shape[1:] != (1, 3 * BINS):
        raise InputError("a reliability curve needs the sample of the metric ece")
    pixels, confidence, correct = sample.counts.sum(axis=0).reshape(3, BINS)
    return Reliability(pixels, ratio(confidence, pixels), ratio(correct, pixels))


def _judged(truth: Truth, result: Result) -> tuple[Array, Array]:
    """Return confidence and correctness of every pixel that is not void in the truth."""
    if isinstance(truth, Foreground) and isinstance(result, Foreground):
        if result.plane is None:
            raise InputError("calibration needs a soft alpha; this Foreground has only a mask")
        alpha = result.alpha.astype(np.float64).reshape(-1)
        said = alpha >= 0.5
        right = said == truth.mask.reshape(-1)
        return np.where(said, alpha, 1 - alpha), right.astype(np.float64)
    if not isinstance(truth, Semantic) or not isinstance(result, Semantic):
        raise InputError(f"{type(result).__name__} has no score for each pixel")
    if result.scores is None:
        raise InputError("calibration needs scores; this Semantic has only labels")
    scores = np.asarray(result.scores, np.float32)
    known = truth.labels != truth.legend.void
    given = result.legend.ids[scores.argmax(axis=0)[known]]
    confidence = scores.max(axis=0)[known].astype(np.float64)
    return confidence, (given == truth.labels[known]).astype(np.float64)


def _error(sums: Array) -> Array:
    pixels, confidence, correct = np.split(sums, 3, axis=-1)
    gaps = np.abs(confidence - correct).sum(axis=-1)
    return ratio(gaps, pixels.sum(axis=-1))


ECE = Metric(
    name="ece",
    family=Calibration,
    better=Better.LOWER,
    per_class=_error,
    rule="Mean gap between confidence and accuracy over 15 bins, weighted by their pixels.",
)

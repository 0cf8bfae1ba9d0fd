"""How sure a result is, pixel by pixel, and the temperature that makes it say so truly."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Instances, Result, Semantic
from pixelwise.errors import InputError

__all__ = ["Fitted", "fit_temperature", "tempered", "uncertainty"]

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures looked at; a network outside has not learnt its task."""

ROUNDS = 40
"""Steps of the search; each makes the interval smaller by 0.618."""

STEEPEST = 1e-6
"""Probabilities this close to 0 and 1 are taken for that, so that logarithms stay finite."""


def uncertainty(result: Result) -> NDArray[np.float32]:
    """Return one minus the probability of what each pixel was called, (H, W) float32 0..1.

    Of a foreground: one minus the probability of the side that the pixel was put on. Of classes:
    one minus that of the label; void, which no class claims, is 1. Of things: one minus the
    score of the best thing that covers the pixel, and 0 where there is none, since nothing was
    claimed.

    Raises:
        InputError: The result holds no probabilities: the method gives labels alone.

    >>> alpha = np.float32([[0.0, 0.75, 1.0]])
    >>> uncertainty(Foreground(alpha > 0.5, alpha)).tolist()
    [[0.0, 0.25, 0.0]]
    """
    if isinstance(result, Foreground) and result.plane is not None:
        alpha = np.clip(result.alpha, 0, 1)
        return np.where(result.mask, 1 - alpha, alpha).astype(np.float32)
    if isinstance(result, Semantic) and result.scores is not None:
        return _of_classes(result)
    if isinstance(result, Instances):
        return _of_things(result)
    raise InputError(
        f"this {result.task} result holds no probabilities, so nothing is known of how sure it is; "
        "ask a network that gives scores"
    )


def _of_classes(result: Semantic) -> NDArray[np.float32]:
    made = np.ones(result.size, np.float32)
    scores = result.scores
    if scores is None:
        return made
    for number, class_id in enumerate(result.legend.ids):
        mine = result.labels == class_id
        if mine.any():  # a plane is grown for the classes that occur, one at a time
            made[mine] -= np.asarray(scores[number], np.float32)[mine]  # type: ignore[index]
    return np.clip(made, 0, 1)


def _of_things(result: Instances) -> NDArray[np.float32]:
    best = np.zeros(result.size, np.float32)
    for crop, score in zip(result.crops, result.segments.score, strict=True):
        place = best[crop.window]
        place[crop.mask] = np.maximum(place[crop.mask], score)
    return np.where(best > 0, 1 - best, 0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A temperature, and what it does.

    Args:
        temperature: Logits are to be divided by it.
        pictures: How many had pixels with a known truth.
        before: Mean of -log(probability of the truth) as it was.
        after: The same with the temperature.
    """

    temperature: float
    pictures: int
    before: float
    after: float


def fit_temperature(pairs: Iterable[tuple[Result, Result]], *, samples: int = 20_000) -> Fitted:
    """Return the temperature that makes probabilities true: logits are to be divided by it.

    It is the one at which the truth is likeliest. Above 1 the network was too sure of itself.
    The order of the classes, and so every label, stays. What a card already divides by
    multiplies: new temperature = card's temperature x this.

    Args:
        pairs: Truth and result, foregrounds or classes with probabilities, of a few pictures
            that the network was not trained on. Read once.
        samples: Pixels taken of each picture, at most, spread evenly.

    Raises:
        InputError: There are no probabilities, or no pixel with a known truth.

    Source:
        C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks",
        ICML 2017, section 4.2 (temperature scaling).
    """
    taken = [_sampled(truth, result, samples) for truth, result in pairs]
    taken = [(logs, right) for logs, right in taken if len(right)]
    if not taken:
        raise InputError("a temperature needs pictures with a known truth and probabilities")
    low, high = np.log(LOWEST), np.log(HIGHEST)
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(ROUNDS):
        first, second = high - golden * (high - low), low + golden * (high - low)
        if _surprise(taken, float(np.exp(first))) < _surprise(taken, float(np.exp(second))):
            high = second
        else:
            low = first
    found = float(np.exp((low + high) / 2))
    return Fitted(found, len(taken), _surprise(taken, 1.0), _surprise(taken, found))


def tempered(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return probabilities (C, ...) as if their logits had been divided by ``temperature``.

    >>> [f"{chance:.3f}" for chance in tempered(np.float32([0.8, 0.2]), 2.0)]
    ['0.667', '0.333']
    """
    logs = np.log(np.clip(probabilities, STEEPEST, 1)) / np.float32(temperature)
    powers = np.exp(logs - logs.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0), np.float32)


def _surprise(taken: list[tuple[NDArray[np.float32], NDArray[np.intp]]], by: float) -> float:
    """Return the mean of -log(probability of the truth) over all pixels."""
    total, count = 0.0, 0
    for logs, right in taken:
        scaled = logs / np.float32(by)
        peak = scaled.max(axis=0)
        whole = np.log(np.exp(scaled - peak).sum(axis=0)) + peak
        total += float((whole - scaled[right, np.arange(len(right))]).sum())
        count += len(right)
    return total / count


def _sampled(
    truth: Result, result: Result, samples: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return log probabilities (C, N) of some pixels, and the row of each one's truth (N,)."""
    if tuple(truth.size) != tuple(result.size):
        raise InputError(f"the truth is {truth.size}, the result {result.size}")
    step = max(1, int(np.prod(result.size)) // samples)
    if isinstance(truth, Foreground) and isinstance(result, Foreground):
        if result.plane is None:
            raise InputError("this foreground holds no probabilities, only a mask")
        alpha = result.alpha.reshape(-1)[::step]
        chances = np.stack([1 - alpha, alpha])
        right = truth.mask.reshape(-1)[::step].astype(np.intp)
    elif isinstance(truth, Semantic) and isinstance(result, Semantic):
        if result.scores is None:
            raise InputError("these classes hold no probabilities, only labels")
        chances = np.stack(
            [
                np.asarray(result.scores[number], np.float32).reshape(-1)[::step]  # type: ignore[index]
                for number in range(len(result.legend))
            ]
        )
        right, known = _rows(truth, result, step)
        chances, right = chances[:, known], right[known]
    else:
        raise InputError(f"a temperature is of foregrounds or classes, not of {result.task}")
    return np.log(np.clip(chances, STEEPEST, 1)).astype(np.float32), right


def _rows(
    truth: Semantic, result: Semantic, step: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the row of each pixel's true class, and whether it has one."""
    labels = truth.labels.reshape(-1)[::step]
    rows = {one.name: row for row, one in enumerate(result.legend.classes)}
    right = np.full(labels.shape, -1, np.intp)
    for one in truth.legend.classes:
        if one.name in rows:
            right[labels == one.id] = rows[one.name]
    return right, right >= 0

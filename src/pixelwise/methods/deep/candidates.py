"""Answers of prompted networks become candidates at the picture's size."""

from collections.abc import Callable
from math import log, log1p

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import DecoderSpec
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.things import Candidate
from pixelwise.ops.paste import grow_sparse
from pixelwise.ops.resize import Window
from pixelwise.ops.upsampled import window_axes
from pixelwise.runtimes.asking import Answer

__all__ = ["LOWEST", "stable_enough", "things_in"]

F32 = NDArray[np.float32]

LOWEST = float(np.finfo(np.float32).min)
"""Of all scores; a network that is unsure may give less than 0."""

OBJECT = 1
"""Class of what was asked for, in legends of two classes."""


def things_in(
    answer: Answer,
    placed: Placed,
    spec: DecoderSpec,
    *,
    least: float = LOWEST,
    wanted: Callable[[F32], bool] | None = None,
) -> list[Candidate]:
    """Return the masks of an answer, by falling score.

    Args:
        answer: Of the network.
        placed: How the picture lies in the network's input.
        spec: ``via`` is the size that masks are grown to before the padding is cut off;
            ``mask_threshold`` the least probability of a pixel of masks that are logits.
        least: Masks with a lower score are left out.
        wanted: Takes a mask's values, and says whether it is kept.
    """
    level = answer.level or log(spec.mask_threshold) - log1p(-spec.mask_threshold)
    rows = zip(
        answer.scores.reshape(-1).tolist(),
        answer.masks.reshape(-1, *answer.masks.shape[2:]),
        strict=True,
    )
    found = []
    for score, values in sorted(rows, key=lambda row: -row[0]):
        if score < least:
            break
        inside, window = _inside(values, spec.via, placed.window)
        if wanted is None or wanted(inside):
            axes = window_axes(inside.shape, placed.size, window)
            place, mask = grow_sparse(inside, level, *axes)
            found.append(Candidate(OBJECT, score, place, mask))
    return found


def stable_enough(least: float) -> Callable[[F32], bool]:
    """Return what says whether a mask is about the same one level below and one above."""

    def stable(logits: F32) -> bool:
        wide = int(np.count_nonzero(logits > -1))
        return wide > 0 and int(np.count_nonzero(logits > 1)) >= least * wide

    return stable


def _inside(values: F32, via: tuple[int, ...], window: Window) -> tuple[F32, Window]:
    """Return the part of a mask that shows the picture, and where in that part it lies."""
    if via and values.shape != via:
        grown = cv2.resize(values, (via[1], via[0]), interpolation=cv2.INTER_LINEAR)
        values = np.asarray(grown, np.float32)
    if not via or window.is_whole:
        return values, window
    height, width = values.shape
    return values[: round(window.bottom * height), : round(window.right * width)], Window()

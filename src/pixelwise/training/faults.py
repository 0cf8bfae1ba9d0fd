"""Finds what is wrong with training data before an hour is spent on it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Levels
from pixelwise.core import Legend
from pixelwise.methods.deep.levels import levelled
from pixelwise.ops.colour import grey
from pixelwise.training.examples import Example
from pixelwise.training.reading import Fault

__all__ = ["faults_in", "leaks"]

THUMB = 32
"""Side of the small picture by which duplicates are known."""
ALIKE = 0.004
"""Mean difference of two small pictures, in 0..1, below which they are one."""
MOST = 64
"""More classes than this without names are no classes but grey levels."""
STRAY = 1e-3
"""A class with a smaller share of one single picture looks like a wrong value."""


def faults_in(examples: Sequence[Example], legend: Legend) -> list[Fault]:
    """Return what looks wrong with the labels, by name; only soft masks stop a training.

    Args:
        examples: All annotated pictures.
        legend: Their classes.
    """
    names = [row.name for row in legend]
    seen: dict[int, list[tuple[str, int, int]]] = {}
    found = []
    for example in examples:
        targets = example.targets
        counts = np.bincount(targets[targets >= 0].reshape(-1), minlength=len(names))
        if not counts[1:].any():
            found.append(Fault(example.name, "nothing is labelled in it", stops=False))
        for index in np.flatnonzero(counts).tolist():
            seen.setdefault(index, []).append((example.name, int(counts[index]), targets.size))
    if len(seen) > MOST and all(name.isdigit() for name in names):
        what = (
            f"they have {len(seen)} values up to {len(names) - 1}, too many for classes: are they "
            "masks with soft edges? Make them 0 and 255, or name the classes with --classes"
        )
        return [Fault("labels", what)]
    for index, name in enumerate(names):
        rows = seen.get(index, [])
        if not rows:
            found.append(Fault(name, "no picture has this class: it cannot be learnt", stops=False))
        elif len(rows) == 1 < len(examples) and rows[0][1] < STRAY * rows[0][2]:
            what = f"only {rows[0][1]} pixels of class {name!r} in all: is it a wrong value?"
            found.append(Fault(rows[0][0], what, stops=False))
    return found


def leaks(learn: Sequence[Example], kept: Sequence[Example], where: str) -> list[Fault]:
    """Return pictures that are both learnt from and judged by; they stop a training.

    Args:
        learn: Pictures to learn from.
        kept: Pictures to be judged by.
        where: What the second ones are called in messages.
    """
    thumbs = {example.name: _thumb(example) for example in learn}
    if not thumbs:
        return []
    names, table = list(thumbs), np.stack(list(thumbs.values()))
    found = []
    for example in kept:
        gaps = np.abs(table - _thumb(example)).mean(axis=(1, 2))
        near = int(gaps.argmin())
        if gaps[near] < ALIKE:
            what = f"{where}, and the same picture as {names[near]!r}, which is learnt from"
            found.append(Fault(example.name, what))
    return found


def _thumb(example: Example) -> NDArray[np.float32]:
    """Return the picture, or a volume's middle slice, as a small grey one in 0..1."""
    pixels = example.image.pixels
    plane = pixels[len(pixels) // 2] if example.image.is_volume else pixels
    values = grey(plane).astype(np.float32)
    shown = levelled(values, values, Levels.PERCENTILES)
    return np.asarray(cv2.resize(shown, (THUMB, THUMB), interpolation=cv2.INTER_AREA))

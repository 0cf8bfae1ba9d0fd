"""What is done to masks after segmenting: morphology and components in millimetres and mL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pixelwise.apps.medical.masks import Mask, Masks, millimetres
from pixelwise.core import Foreground, Regions, Result, Semantic
from pixelwise.errors import InputError, InvalidSetting, UnknownName
from pixelwise.ops.components import components

__all__ = ["PARTS", "STEPS", "Step", "parse_steps", "reshaped", "shaped", "shaped_notes"]

PARTS = "parts"
"""The step that numbers the connected parts of a mask; it is the last one."""


class Work(NamedTuple):
    """What a step does, and what its number is: empty, it takes none."""

    does: Callable[[Masks, float], Masks]
    unit: str = ""


STEPS: Mapping[str, Work] = {
    "close": Work(Masks.closed, "MM"),
    "open": Work(Masks.opened, "MM"),
    "grow": Work(Masks.grown, "MM"),
    "shrink": Work(Masks.shrunk, "MM"),
    "fill": Work(lambda masks, _: masks.filled()),
    "fill-slices": Work(lambda masks, _: masks.filled_slices()),
    "drop": Work(Masks.dropped, "ML"),
    "largest": Work(lambda masks, count: masks.largest(int(count)), "N"),
    PARTS: Work(lambda masks, _: masks),
}
"""Word of ``--shape`` -> what it does; balls of a radius in mm, connected parts in mL."""


@dataclass(frozen=True, slots=True)
class Step:
    """One word of ``--shape`` with its number.

    >>> str(Step("close", 4.0)), str(Step("fill"))
    ('close=4', 'fill')
    """

    name: str
    amount: float = 0.0

    def __str__(self) -> str:
        return f"{self.name}={self.amount:g}" if STEPS[self.name].unit else self.name


def parse_steps(text: str) -> tuple[Step, ...]:
    """Return the steps in a text with commas, as in ``close=4,fill,drop=0.5``.

    Raises:
        UnknownName: There is no such step.
        InvalidSetting: A number is missing, too much, or not above 0; parts is not the last.

    >>> parse_steps("close=4, fill")
    (Step(name='close', amount=4.0), Step(name='fill', amount=0.0))
    """
    steps = tuple(_step(part.strip()) for part in text.split(",") if part.strip())
    if any(step.name == PARTS for step in steps[:-1]):
        raise InvalidSetting.of("shape", text, f"{PARTS} at the end")
    return steps


def shaped(masks: Masks, steps: Sequence[Step]) -> Masks:
    """Return a mask after all steps, in their order; parts are not numbered here."""
    for step in steps:
        masks = STEPS[step.name].does(masks, step.amount)
    return masks


def reshaped(result: Result, steps: Sequence[Step]) -> Result:
    """Return a result after all steps; of several labels each by itself, taking only what is free.

    Raises:
        InputError: It has no millimetres, or is of a kind that is not shaped.
    """
    if not steps:
        return result
    spacing = millimetres(result.space)
    notes = (*result.provenance.notes, *shaped_notes(steps))
    made = replace(result.provenance, notes=notes)

    def after(mask: Mask) -> Mask:
        return shaped(Masks.of(mask, spacing), steps).whole

    if isinstance(result, Foreground):
        mask = after(result.mask)
        if steps[-1].name == PARTS:
            return _numbered(mask).made_by(made, result.space)
        return Foreground(mask, legend=result.legend).made_by(made, result.space)
    if not isinstance(result, Regions | Semantic) or steps[-1].name == PARTS:
        raise InputError(f"--shape cannot do {steps[-1]} to {type(result).__name__}")
    void = result.legend.void if isinstance(result, Semantic) else 0
    labels = np.where(result.labels == void, void, 0).astype(np.int32)
    for number in np.unique(result.labels):
        if number not in (0, void):
            own = result.labels == number
            free = (labels == 0) & (own | (result.labels == 0))
            labels[after(own) & free] = number
    kept = Semantic(labels, result.legend) if isinstance(result, Semantic) else Regions(labels)
    return kept.made_by(made, result.space)


def shaped_notes(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return what a result's provenance says of the steps.

    >>> shaped_notes(parse_steps("close=4,fill"))
    ('shaped: close=4,fill',)
    """
    return (f"shaped: {','.join(map(str, steps))}",) if steps else ()


def _numbered(mask: Mask) -> Regions:
    """Return the connected parts, the largest first; corners join."""
    labels, count = components(mask)
    sizes = np.bincount(labels.reshape(-1), minlength=count + 1)[1:]
    rank = np.zeros(count + 1, np.int32)
    rank[1 + np.argsort(-sizes, kind="stable")] = np.arange(1, count + 1)
    return Regions(rank[labels])


def _step(text: str) -> Step:
    name, sign, number = text.partition("=")
    if name not in STEPS:
        raise UnknownName.among("step", name, STEPS)
    unit = STEPS[name].unit
    if not unit and not sign:
        return Step(name)
    try:
        amount = float(number)
    except ValueError:
        amount = 0.0
    if not unit or not 0 < amount < np.inf or (unit == "N" and amount % 1):
        raise InvalidSetting.of("shape", text, f"{name}={unit}" if unit else name)
    return Step(name, amount)

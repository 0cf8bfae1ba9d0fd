"""A network asked several times, its input mirrored: what it answers is turned back and averaged.

Source:
    F. Isensee et al., "nnU-Net", Nature Methods 18, 2021, where it is the test-time augmentation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import AnswerShape, Card, Holds, Layout
from pixelwise.core import Session
from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.methods.deep.answers import chosen, real

__all__ = ["Mirrored", "can_mirror", "in_mirrors", "mirror_notes", "subsets"]

DENSE = (AnswerShape.DENSE, AnswerShape.DEPTHS, AnswerShape.FLOWS)
"""Answers that have a value for each pixel, so that means of them mean something."""


def in_mirrors(session: Session, card: Card, axes: Sequence[int]) -> Session:
    """Return a session that is also run on mirrored inputs; the same one without axes.

    Args:
        session: A loaded network.
        card: What it is.
        axes: Of a picture 0 (upside down) and 1 (left and right); of a volume 0, 1, 2.

    Raises:
        InvalidSetting: There is no such axis, or answers of that shape cannot be averaged.
    """
    if not axes:
        return session
    if not can_mirror(card):
        raise InvalidSetting(
            f"mirror: {card.name} answers with {card.decoder.name} ({card.decoder.holds}), and "
            "only values for each pixel can be averaged; leave mirror out"
        )
    count = len(_sides(card.input.layout))
    if max(axes) >= count or len(set(axes)) < len(axes):
        raise InvalidSetting.of("mirror", tuple(axes), f"some of the axes 0 to {count - 1}")
    return Mirrored(session, card, tuple(axes))


def can_mirror(card: Card) -> bool:
    """Say whether a card's network has a value for each pixel, so that means can be taken."""
    return card.decoder.name in DENSE and card.decoder.holds is not Holds.IDS


class Mirrored:
    """A session that runs every mirror image of its input and gives the mean answer.

    Args:
        session: The network.
        card: What it is; its answer has a value for each pixel.
        axes: Along which it is mirrored; two of them make four runs.
    """

    def __init__(self, session: Session, card: Card, axes: tuple[int, ...]) -> None:
        self._session, self._card, self._axes = session, card, axes
        self._taken = _sides(card.input.layout)
        wanted = card.input.tensor
        self._name = next(row.name for row in session.inputs if wanted in ("", row.name))
        self._places = chosen(card.decoder, session.outputs)
        self.device = session.device
        self.inputs = tuple(session.inputs)
        self.outputs = tuple(
            replace(row, dtype=np.dtype(np.float32), scale=0.0) if place in self._places else row
            for place, row in enumerate(session.outputs)
        )

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from."""
        return self._session.buffer(name)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the mean answers; outputs that the card does not name are of the last run.

        Raises:
            ModelError: The network fails, or answers nonsense.
        """
        name = self._name
        pixels = np.array(feeds[name] if name in feeds else self._session.buffer(name))
        made: list[NDArray[Any]] = []
        turns = list(subsets(self._axes))
        for turned in turns:
            mirrored = np.flip(pixels, tuple(self._taken[axis] for axis in turned))
            answers = self._session.run({**feeds, name: np.ascontiguousarray(mirrored)})
            made = made or [np.zeros((), np.float32)] * len(answers)
            for place in self._places:
                value = real(answers[place], self._session.outputs[place])
                made[place] = made[place] + self._back(value, turned) / np.float32(len(turns))
        return [made[place] if place in self._places else one for place, one in enumerate(answers)]

    def _back(self, values: NDArray[np.float32], turned: tuple[int, ...]) -> NDArray[np.float32]:
        """Return an answer to a mirrored input as one to the input itself."""
        spec, layout = self._card.decoder, self._card.output_layout
        values = values.reshape(spec.shape) if spec.shape else values
        if values.ndim not in (len(layout) - 1, len(layout)):
            raise ModelError(f"the model answered {values.shape}, not {layout} as its card says")
        sides = _sides(layout if values.ndim == len(layout) else layout.replace("C", ""))
        values = np.flip(values, tuple(sides[axis] for axis in turned))
        if spec.name is not AnswerShape.FLOWS or not turned:
            return values
        signs = np.ones(values.shape[layout.index("C")], np.float32)
        signs[[len(self._card.classes) + axis for axis in turned]] = -1
        others = [place for place, letter in enumerate(layout) if letter != "C"]
        return values * np.expand_dims(signs, others)


def subsets(axes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of some of the axes, the empty one first.

    >>> list(subsets((0, 1)))
    [(), (1,), (0,), (0, 1)]
    """
    for flips in product((False, True), repeat=len(axes)):
        yield tuple(axis for axis, flip in zip(axes, flips, strict=True) if flip)


def mirror_notes(axes: Sequence[int]) -> tuple[str, ...]:
    """Return what a result's provenance says of it.

    >>> mirror_notes((0, 1))
    ('Mean of 4 runs, mirrored along the axes 0, 1.',)
    """
    if not axes:
        return ()
    named = ", ".join(map(str, axes))
    return (f"Mean of {2 ** len(axes)} runs, mirrored along the axes {named}.",)


def _sides(layout: str | Layout) -> list[int]:
    """Return the places of the axes that are sides of the picture or volume."""
    return [place for place, letter in enumerate(layout) if letter in "DHW"]

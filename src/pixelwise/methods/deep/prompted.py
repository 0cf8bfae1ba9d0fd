"""Networks of the SAM kind: a picture is looked at once, then points, boxes or words are asked for.

What the network keeps of a picture is held until another one comes, so that the next question
costs only the small decoder.

Source:
    Kirillov et al., "Segment Anything", ICCV 2023.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import (
    Foreground,
    Image,
    Instances,
    Legend,
    Prompts,
    Provenance,
    Tensor,
    check_ranges,
    setting,
)
from pixelwise.errors import InputError
from pixelwise.methods.deep.candidates import LOWEST, stable_enough, things_in
from pixelwise.methods.deep.parts import Box, is_cut, parts
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.questions import grid, objects_of, question_of, take_only
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops.overlap import unsuppressed
from pixelwise.runtimes.asking import Promptable, Question

__all__ = ["Asking", "Mode", "Prompted"]

MOST = 1000
"""Things kept of one picture in mode ``everything``."""

AT_ONCE = 32
"""Points of the grid that are asked for together."""


class Mode(StrEnum):
    """What is given back: the best mask of each object, all its candidates, or every thing."""

    BEST = "best"
    CANDIDATES = "candidates"
    EVERYTHING = "everything"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """The settings that every prompted network has."""

    mode: Mode = setting(Mode.BEST, "best, candidates (all, with scores), or everything.")
    instances: bool = setting(default=False, doc="One instance for each object, not one mask.")
    grid: int = setting(16, "Points on each side of the grid of everything.", low=1, high=128)
    parts: int = setting(
        0, "Everything is looked for again in 2, 4, 8 ... parts a side: so often.", low=0, high=4
    )
    min_score: float = setting(0.88, "Least score of a mask in everything.", low=0, high=1)
    min_stability: float = setting(
        0.95, "Least overlap of the masks at a level one below and one above.", low=0, high=1
    )
    overlap: float = setting(0.7, "Boxes that overlap more than this IoU are one.", low=0, high=1)
    prompts: Prompts | None = setting(None, "What is asked for.")

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept of one picture."""

    pixels: NDArray[Any]
    placed: Placed
    embedding: object


@dataclass(frozen=True, kw_only=True, eq=False)
class Prompted:
    """A segmenter that is told what to segment. Several threads may call; they take turns.

    Args:
        network: The network.
        card: What it eats and answers.
        asking: What is asked for, and what is given back.
        made: What is known of where results come from.
    """

    network: Promptable
    card: Card
    asking: Asking = field(default_factory=Asking)
    made: Provenance = field(default_factory=Provenance)
    _kept: list[_Held] = field(default_factory=list, init=False, repr=False)
    _turn: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def prompts(self) -> Prompts:
        """What is asked for."""
        return self.asking.prompts or Prompts()

    def __call__(self, image: Image) -> Foreground | Instances:
        """Return what was asked for: a foreground, or instances with their scores.

        Raises:
            InputError: Nothing was pointed at, or a volume was given.
            UsageError: The network does not take what was given.
        """
        start = perf_counter()
        found = self._found(image)
        one = self.asking.mode is Mode.BEST and not self.asking.instances
        result: Foreground | Instances = _union(found) if one else found
        settings = {"mode": str(self.asking.mode), "prompts": self.prompts.to_dict()}
        seconds = {"ask": perf_counter() - start}
        made = replace(
            self.made, method="prompted", model=self.name, settings=settings, seconds=seconds
        )
        return result.made_by(replace(made, device=self.network.device), image.space)

    def _found(self, image: Image) -> Instances:
        if self.asking.mode is Mode.EVERYTHING:
            return self.everything(image)
        if self.prompts.text:
            return self._described(image)
        last = 1 if self.asking.mode is Mode.BEST else None
        chosen = [
            candidate
            for number in objects_of(self.prompts)
            for candidate in self._candidates(image, number)[:last]
        ]
        return self._instances(chosen, self._held(image))

    def candidates(self, image: Image, number: int = 1) -> Instances:
        """Return the candidate masks of one object, the best first."""
        return self._instances(self._candidates(image, number), self._held(image))

    def _candidates(self, image: Image, number: int) -> list[Candidate]:
        several = self.asking.mode is Mode.CANDIDATES
        held = self._held(image)
        question = question_of(self.prompts, number, held.placed, several=several)
        return [made for made in self._asked(held, question) if made.mask.size]

    def everything(self, image: Image) -> Instances:
        """Return the things that a grid of points finds: sure, stable, and one of each.

        In a part of the picture only things count that do not end at its border.

        Raises:
            UsageError: The network takes no points.
        """
        take_only(self.network.takes, {"points"}, self.name)
        size = (image.height, image.width)
        found = [
            made
            for part in parts(size, self.asking.parts)
            for made in self._inside(image, part)
            if made.mask.size and not is_cut(_box(made), part, size)
        ]
        boxes = np.array([_box(made) for made in found], np.float32).reshape(-1, 4)
        boxes[:, 2:] -= 1  # SAM compares boxes whose ends lie inside
        scores = np.array([made.score for made in found], np.float32)
        groups = np.zeros(len(found), np.int64)
        kept = unsuppressed(boxes, scores, groups, self.asking.overlap, most=MOST)
        return instances_of([found[row] for row in kept], size, self._legend)

    def _inside(self, image: Image, part: Box) -> list[Candidate]:
        """Return what the grid of points finds in a part of a picture, in the picture's place."""
        left, top, right, bottom = part
        held = self._held(image)
        if part != (0, 0, image.width, image.height):
            pixels = np.ascontiguousarray(image.pixels[top:bottom, left:right])
            with self._turn:
                held = self._looked(Image(pixels))
        places = grid(held.placed, self.asking.grid)
        found: list[Candidate] = []
        for start in range(0, len(places), AT_ONCE):
            points = places[start : start + AT_ONCE, np.newaxis]
            ones = np.ones(points.shape[:2], np.int32)
            found += self._asked(held, Question(points, ones), self.asking.min_score, stable=True)
        moved = [(made.origin[0] + top, made.origin[1] + left) for made in found]
        return [replace(made, origin=at) for made, at in zip(found, moved, strict=True)]

    def _described(self, image: Image) -> Instances:
        """Return every thing that the words describe."""
        held = self._held(image)
        question = question_of(self.prompts, 1, held.placed, several=True)
        return self._instances(self._asked(held, question, self.card.decoder.threshold), held)

    def _asked(
        self, held: _Held, question: Question, least: float = LOWEST, *, stable: bool = False
    ) -> list[Candidate]:
        take_only(self.network.takes, _kinds(question), self.name)
        with self._turn:
            answer = self.network.ask(held.embedding, question)
        steady = stable_enough(self.asking.min_stability) if stable else None
        return things_in(answer, held.placed, self.card.decoder, least=least, wanted=steady)

    def _instances(self, found: Sequence[Candidate], held: _Held) -> Instances:
        return instances_of(found, held.placed.size, self._legend)

    @property
    def _legend(self) -> Legend:
        """What is found is called what the words called it."""
        text = " ".join(self.prompts.text.split())
        if not text or text == "background":
            return self.card.legend_object()
        return Legend.of(["background", text], things=[text])

    def _held(self, image: Image) -> _Held:
        """Return what is kept of this picture; another one takes its place."""
        if self.prompts.is_empty and self.asking.mode is not Mode.EVERYTHING:
            raise InputError(
                f"{self.name} is told what to segment: --point x,y, --box x0,y0,x1,y1 or --text "
                "WORDS, or --set mode=everything"
            )
        with self._turn:
            if self._kept and self._kept[0].pixels is image.pixels:
                return self._kept[0]
            held = self._looked(image)
            self._kept[:] = [held]
            return held

    def _looked(self, image: Image) -> _Held:
        """Show the network a picture."""
        spec = self.card.input
        tensor = Tensor("pixels", (0,) * len(spec.layout), np.dtype(np.float32))
        laid, placed = Preparer(spec=spec, tensor=tensor).laid(image)
        return _Held(image.pixels, placed, self.network.embed(laid))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _LOCAL}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.update(_kept=[], _turn=Lock())


_LOCAL = ("_kept", "_turn")


def _kinds(question: Question) -> set[str]:
    """Return what a question consists of."""
    if question.text:
        return {"text"}
    there = {
        "points": question.points.shape[1] > 0 and question.mask is None,
        "boxes": question.boxes is not None,
        "masks": question.mask is not None,
    }
    return {name for name, is_there in there.items() if is_there}


def _union(found: Instances) -> Foreground:
    mask = np.zeros(found.size, bool)
    for crop in found.crops:
        mask[crop.window] |= crop.mask
    return Foreground(mask)


def _box(made: Candidate) -> Box:
    (y, x), (height, width) = made.origin, made.mask.shape
    return (x, y, x + width, y + height)

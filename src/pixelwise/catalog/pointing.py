"""Prompts and what they are given to: a named network, or the best that is ready for them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from pixelwise.cards import AnswerShape, Card, Commercial
from pixelwise.cards.deck import load_cards
from pixelwise.cards.store import Store
from pixelwise.catalog.choosing import choose, line_of
from pixelwise.catalog.finding import decided, find_with
from pixelwise.catalog.listing import usable_runtime
from pixelwise.catalog.loading import Access
from pixelwise.core import Prompts, Segmenter, Task
from pixelwise.errors import PixelwiseError, UsageError
from pixelwise.methods import METHODS
from pixelwise.methods.deep import SEGMENTERS
from pixelwise.methods.deep.bare_folder import is_prompted_folder

__all__ = ["best_for_prompts", "is_prompted", "prompted_by"]


def prompted_by(
    name: str, prompts: Prompts, settings: Mapping[str, object], access: Access
) -> Segmenter:
    """Return the network of that name, told what to segment.

    One that takes no prompts looks at the whole picture; what is pointed at is picked out of
    what it finds.

    Raises:
        UsageError: A method was named that takes no prompts.
    """
    if name in METHODS and not _takes_prompts(METHODS[name]):
        takers = [other for other, kind in METHODS.items() if _takes_prompts(kind)]
        raise UsageError(f"{name} takes no prompts; these do: {', '.join(takers)}")
    if name in METHODS or is_prompted(name):
        return find_with(name, {**settings, "prompts": prompts}, access)
    return SEGMENTERS["pointed"](things=find_with(name, settings, access), prompts=prompts)


def best_for_prompts(prompts: Prompts, access: Access) -> Segmenter:
    """Return the best that is ready here for these prompts, and say what it is.

    A network that is told what to segment goes before those that find things by themselves; of
    the latter the best instance model is taken, and for what is no thing the best semantic one.

    Raises:
        ModelError: There is none.
        UsageError: A mask or scribbles were given, which only prompted networks and methods take.
    """
    cards = load_cards()
    own = _ready_prompted(cards.values(), prompts, access)
    if own is not None:
        access.say(line_of(own, ready=True))
        return find_with(own.name, {"prompts": prompts}, access)
    if _kinds(prompts) & {"masks", "scribbles"}:
        raise UsageError(
            "no network that takes masks or scribbles is ready here; name a method that does, "
            "such as --method grabcut, or get a model: pixelwise models list --task foreground"
        )
    names = _finders(access)
    found = [find_with(name, decided(cards[name]), access) for name in names]
    return SEGMENTERS["pointed"](
        things=found[0], stuff=found[1] if len(found) > 1 else None, prompts=prompts
    )


def is_prompted(name: str) -> bool:
    """Say whether the card of that name, or the network in that folder, is told what to segment."""
    cards = load_cards()
    if name in cards:
        return cards[name].decoder.name is AnswerShape.PROMPTED
    return is_prompted_folder(Path(name))


def _finders(access: Access) -> tuple[str, ...]:
    """Return the card that finds things, and the one for what is no thing, where there is one."""
    try:
        choice = choose(Task.PANOPTIC, access)
    except PixelwiseError:
        choice = choose(Task.INSTANCE, access)  # things alone are better than nothing
    found = choice.line.removeprefix("fused from ")
    access.say(f"picked from what is found by {found}")
    return choice.names[::-1]


def _ready_prompted(cards: Iterable[Card], prompts: Prompts, access: Access) -> Card | None:
    """Return the best prompted card that is ready and takes all that is given."""
    store, given = Store.from_environment(), _kinds(prompts)
    ready = [
        card
        for card in cards
        if card.decoder.name is AnswerShape.PROMPTED
        and given <= set(card.decoder.takes)
        and usable_runtime(card) is not None
        and (card.licence.commercial is Commercial.YES or not access.commercial)
        and store.is_ready(card)
    ]
    free = [card for card in ready if card.licence.commercial is Commercial.YES]
    return next(iter([*free, *ready]), None)


def _takes_prompts(kind: type) -> bool:
    return is_dataclass(kind) and any(item.name == "prompts" for item in fields(kind))


def _kinds(prompts: Prompts) -> set[str]:
    """Return what was given."""
    there = {
        "points": np.size(prompts.points) > 0,
        "boxes": np.size(prompts.boxes) > 0,
        "masks": prompts.masks is not None,
        "scribbles": bool(prompts.scribbles),
        "text": bool(prompts.text),
    }
    return {name for name, given in there.items() if given}

"""Which segmenter a task gets: the best that is ready here, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pixelwise.cards import Card, Commercial
from pixelwise.cards.deck import load_cards
from pixelwise.cards.store import Store
from pixelwise.catalog.finding import decided
from pixelwise.catalog.listing import usable_runtime
from pixelwise.catalog.loading import Access, load_network
from pixelwise.core import Segmenter, Task
from pixelwise.errors import LicenceError, ModelError, PixelwiseError, UsageError
from pixelwise.methods import METHODS
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.pair import Pair

__all__ = ["Choice", "best", "best_with", "choices", "choose", "line_of"]

REGIONS = ("contour-hierarchy", "felzenszwalb")
"""Methods for plain regions, the best first (docs/benchmarks.md, BSDS500)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a task gets.

    Args:
        names: One method or card, or the semantic and the instance card of a fused pair.
        ready: Whether all files are here.
        line: One line for people: what was taken, under which licence, and why.
    """

    names: tuple[str, ...]
    ready: bool
    line: str


def best(task: Task | str) -> Segmenter:
    """Return the best segmenter for ``task`` that is ready here, else the best reachable one.

    What is ready goes before what must be fetched; then weights that may be used commercially,
    then the better score on pixelwise's own benchmarks. A panoptic model is used when one is
    there, else the best semantic model with stuff is fused with the best instance model.

    Args:
        task: ``"foreground"``, ``"semantic"``, ``"instance"``, ``"panoptic"`` or ``"regions"``.

    Raises:
        ModelError: There is none, or its file cannot be got.

    >>> best("regions").name in ("contour-hierarchy", "felzenszwalb")
    True
    """
    return best_with(Task(task), Access())


def best_with(
    task: Task, access: Access, settings: Mapping[str, object] = MappingProxyType({})
) -> Segmenter:
    """Return what :func:`best` does, saying how files may be got and where the network runs.

    Args:
        task: What is wanted.
        access: How files may be got.
        settings: Those of :class:`Loading` that every network has, such as ``device``.

    Raises:
        UsageError: Settings for a task that a classical method does.
        ModelError: There is none, or its file cannot be got.
    """
    if task is Task.REGIONS:
        if settings:
            raise UsageError(f"{', '.join(settings)}: {REGIONS[0]} is no network; leave it out")
        return METHODS[next(name for name in REGIONS if name in METHODS)]()
    choice = choose(task, access)
    access.say(choice.line)
    cards = load_cards()
    if len(choice.names) == 1:
        card = cards[choice.names[0]]
        return load_network(card, {**decided(card), **settings}, access)
    first, second = (load_network(cards[name], settings, access) for name in choice.names)
    return Pair(first, second)


def choices() -> dict[Task, Choice]:
    """Return what each task would get here, without fetching anything."""
    return {task: _or_reason(task) for task in Task}


def choose(task: Task, access: Access) -> Choice:
    """Return what ``task`` gets.

    Raises:
        LicenceError: Only weights that may not be used commercially would do.
        ModelError: No model can do it here.
    """
    if task is Task.REGIONS:
        name = next(name for name in REGIONS if name in METHODS)
        return Choice((name,), ready=True, line=f"{name}, a classical method")
    candidates = _candidates(access)
    native = _first(candidates, task)
    if native is not None and (task is not Task.PANOPTIC or native.ready):
        return _native(native)
    if task is Task.PANOPTIC:
        stuff, things = (
            _first(_with_stuff(candidates), Task.SEMANTIC),
            _first(candidates, Task.INSTANCE),
        )
        if stuff is not None and things is not None:
            return _joined(stuff, things)
    raise _none_for(task, access)


@dataclass(frozen=True, slots=True)
class _Candidate:
    card: Card
    ready: bool

    @property
    def rank(self) -> tuple[bool, bool, float]:
        allowed = self.card.licence.commercial is Commercial.YES
        return (self.ready, allowed, self.card.measured)


def _candidates(access: Access) -> list[_Candidate]:
    """Return the cards that can run here, the best first."""
    store = Store.from_environment()
    cards = [
        card
        for card in load_cards().values()
        if card.decoder.name in DECODERS
        and card.volume is None
        and usable_runtime(card) is not None
        and (card.licence.commercial is Commercial.YES or not access.commercial)
    ]
    rows = [_Candidate(card, store.is_ready(card)) for card in cards]
    kept = [row for row in rows if row.ready or not access.offline]
    return sorted(kept, key=lambda row: row.rank, reverse=True)


def _first(candidates: Iterable[_Candidate], task: Task) -> _Candidate | None:
    return next((row for row in candidates if row.card.task is task and row.card.measured), None)


def _with_stuff(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return those whose legend names stuff: things and background cannot fill a map."""
    return [
        row
        for row in candidates
        if sum(not entry.is_thing for entry in row.card.legend_object()) > 2
    ]


def line_of(card: Card, *, ready: bool) -> str:
    """Return one line for people on a card that was taken."""
    state, licence = "ready" if ready else "to be fetched", card.licence
    terms = f"{licence.weights.partition(' (')[0]}, commercial use: {licence.commercial}"
    return f"{card.name} ({state}; weights {terms})"


def _choice(row: _Candidate) -> Choice:
    return Choice((row.card.name,), row.ready, line_of(row.card, ready=row.ready))


def _native(row: _Candidate) -> Choice:
    """Return a choice of one card, whose line says what it looks for, too."""
    about = row.card.about[:1].lower() + row.card.about[1:].rstrip(".")
    choice = _choice(row)
    return replace(choice, line=f"{choice.line}: {about}")


def _joined(stuff: _Candidate, things: _Candidate) -> Choice:
    first, second = _choice(stuff), _choice(things)
    line = f"fused from {first.line} and {second.line}"
    return Choice((*first.names, *second.names), first.ready and second.ready, line)


def _none_for(task: Task, access: Access) -> PixelwiseError:
    if access.commercial and not isinstance(
        _or_error(task, replace(access, commercial=False)), PixelwiseError
    ):
        return LicenceError(
            f"no model for {task} has weights that may be used commercially;"
            " name one with --model, or leave --commercial out"
        )
    hint = "leave --offline out, or " if access.offline else ""
    return ModelError(
        f"no model for {task} is ready here; {hint}put its file into a folder of"
        " PIXELWISE_MODEL_PATH (pixelwise models list shows what exists)"
    )


def _or_error(task: Task, access: Access) -> Choice | PixelwiseError:
    try:
        return choose(task, access)
    except PixelwiseError as error:
        return error


def _or_reason(task: Task) -> Choice:
    answer = _or_error(task, Access())
    return answer if isinstance(answer, Choice) else Choice((), ready=False, line=str(answer))

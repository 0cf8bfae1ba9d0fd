"""The one call: a task, a method or a model, prompts and settings become a segmenter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from pixelwise.cards.deck import load_cards
from pixelwise.catalog.choosing import best_with
from pixelwise.catalog.finding import decided, find_with
from pixelwise.catalog.loading import Access
from pixelwise.catalog.pointing import best_for_prompts, is_prompted, prompted_by
from pixelwise.convert import to_foreground, to_instances, to_panoptic, to_semantic
from pixelwise.core import Image, Prompts, Result, Segmenter, Task
from pixelwise.errors import InputError, InvalidSetting, UnknownName, UsageError
from pixelwise.io.files import read
from pixelwise.methods import METHODS
from pixelwise.refine import REFINEMENTS, Refined

__all__ = ["Request", "names_in", "segment", "segmenter_for"]

ANYWHERE = {"runtime", "device", "threads"}
"""Settings that every network has, whichever is chosen."""

ROADS: Mapping[Task, Callable[[Any], Result]] = {
    Task.FOREGROUND: to_foreground,
    Task.SEMANTIC: to_semantic,
    Task.INSTANCE: to_instances,
    Task.PANOPTIC: to_panoptic,
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for.

    Args:
        task: Type of the result; that of the method or model when left out.
        method: Name of a classical method.
        model: Name of a card, or path of a model file.
        prompts: What the user points at.
        settings: Settings of the method or model.
        access: How model files may be got.
        refine: Names of refinements, applied to every result in this order.

    Raises:
        InvalidSetting: The prompts are something else.
    """

    task: Task | None = None
    method: str | None = None
    model: str | None = None
    prompts: Prompts | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    access: Access = field(default_factory=Access)
    refine: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.prompts) not in {Prompts, type(None)}:  # as untyped callers hand over
            wanted = "pixelwise.core.Prompts, as in Prompts(points=[(30, 40)])"
            raise InvalidSetting.of("prompts", self.prompts, wanted)


@dataclass(frozen=True)
class Derived:
    """A segmenter whose results are brought to another type."""

    segmenter: Segmenter
    task: Task

    def __call__(self, image: Image) -> Result:
        """Segment ``image`` and convert the result."""
        result = self.segmenter(image)
        if result.task is self.task:
            return result
        if self.task not in ROADS:
            raise InputError(f"there is no road from {result.task} to {self.task}")
        return ROADS[self.task](result)


def segmenter_for(request: Request) -> Segmenter:
    """Return the segmenter that a request means, its results refined if that is asked for.

    Raises:
        UnknownName: There is no such method, model or refinement.
        UsageError: Both a method and a model are named, or prompts are given to what takes none.
    """
    steps = tuple(REFINEMENTS[name]() for name in request.refine)
    segmenter = _unrefined(request)
    return Refined(segmenter, steps) if steps else segmenter


def _unrefined(request: Request) -> Segmenter:
    if request.method is not None and request.model is not None:
        raise UsageError("name a method or a model, not both")
    if request.method is not None and request.method not in METHODS:
        raise UnknownName.among("method", request.method, METHODS)
    name = request.method or request.model
    settings = dict(request.settings)
    if name is None:
        return _best(request)
    if name in load_cards():
        settings = {**decided(load_cards()[name]), **settings}
    if name not in METHODS and is_prompted(name):
        settings.setdefault("instances", request.task is Task.INSTANCE)
    if request.prompts is None:
        segmenter = find_with(name, settings, request.access)
    else:
        segmenter = prompted_by(name, request.prompts, settings, request.access)
    task = request.task or (Task.FOREGROUND if _picks(name, request.prompts) else None)
    return segmenter if task is None else Derived(segmenter, task)


def _best(request: Request) -> Segmenter:
    """Return the best that is ready for a task, or for prompts."""
    own = request.settings if request.prompts else set(request.settings) - ANYWHERE
    if own:
        named = ", ".join(sorted(own))
        raise UsageError(f"{named}: settings need a --method or a --model")
    if request.prompts is None:
        return best_with(request.task or Task.FOREGROUND, request.access, request.settings)
    segmenter = best_for_prompts(request.prompts, request.access)
    return Derived(segmenter, request.task or Task.FOREGROUND)


def _picks(name: str, prompts: Prompts | None) -> bool:
    """Say whether a network without prompts of its own is asked for what is pointed at."""
    return prompts is not None and name not in METHODS and not is_prompted(name)


def segment(
    image: Image | str | PathLike[str],
    *,
    task: Task | str | None = None,
    method: str | None = None,
    model: str | None = None,
    prompts: Prompts | None = None,
    refine: str | Sequence[str] = (),
    **settings: object,
) -> Result:
    """Segment a picture.

    Args:
        image: A picture or volume, or the path of a file.
        task: What is wanted; with neither method nor model, the best model for it is taken.
        method: A classical method by name.
        model: A network by the name of its card, or a model file.
        prompts: What the user points at, for those that take prompts.
        refine: Refinements by name, a list or text with commas, applied in this order.
        **settings: Settings of the method or model.

    Raises:
        UsageError: The call does not make sense; see its children.
        InputError: The file cannot be read.
        ModelError: The model cannot be got.

    >>> segment(Image(np.eye(2)), method="threshold", level=0.5).mask.tolist()
    [[True, False], [False, True]]
    """
    wanted = None if task is None else _task(task)
    request = Request(
        task=wanted,
        method=method,
        model=model,
        prompts=prompts,
        settings=settings,
        refine=names_in(refine),
    )
    picture = image if isinstance(image, Image) else read(image)
    return segmenter_for(request)(picture)


def names_in(text: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names in a text with commas, or in a list.

    >>> names_in("snap, smooth")
    ('snap', 'smooth')
    """
    parts = text.split(",") if isinstance(text, str) else text
    return tuple(part.strip() for part in parts if part.strip())


def _task(text: Task | str) -> Task:
    try:
        return Task(text)
    except ValueError as error:
        raise UnknownName.among("task", text, list(Task)) from error

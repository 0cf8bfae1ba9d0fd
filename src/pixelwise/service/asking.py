"""What a client asks for, checked, and the calls that workers answer it with."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np

from pixelwise.apps.saves import SAVES
from pixelwise.batch.job import with_threads
from pixelwise.cards.deck import load_cards
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.core import Image, Prompts, Result, Segmenter, Task
from pixelwise.errors import (
    InputError,
    InvalidSetting,
    MissingExtra,
    ModelError,
    UnknownName,
)
from pixelwise.io.files import decode, encode
from pixelwise.io.format import Reading
from pixelwise.io.limits import SERVER, Limits
from pixelwise.io.record import record
from pixelwise.ops import areas, blocks, components, distance, grow, guided, histogram, resize

__all__ = ["Answer", "Ask", "Shown", "answer", "read_picture", "segmented", "segmenter_of", "warm"]

OURS = ("prompts", "threads", "trust_pickle", "offline")
"""Settings that the service decides."""
ENDLESS = ("nan", "inf", "infinity")
KEPT = 8
"""Segmenters that a worker keeps loaded."""
LONGEST = 256
"""Most numbers of one setting."""


@dataclass(frozen=True, slots=True)
class Shown:
    """In which form a result goes out.

    Args:
        kind: ``record``, or a kind of ``--save``.
        media: Its media type.
        suffix: The file format that it is encoded in.
    """

    kind: str = "record"
    media: str = "application/json"
    suffix: str = ".json"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked for.

    Args:
        task: Type of the result.
        method: A classical method by name.
        model: A network by the name of its card; never a path.
        settings: Settings of the method or model: numbers, texts, truths, lists of numbers.
        prompts: What the user points at.
        refine: Refinements by name.

    Raises:
        UnknownName: There is no such model.
        InvalidSetting: A setting is not for clients, or no plain value.
    """

    task: Task | None = None
    method: str | None = None
    model: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    prompts: Prompts | None = None
    refine: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.model is not None and self.model not in load_cards():
            raise UnknownName.among("model", self.model, load_cards())
        for name, value in self.settings.items():
            if name in OURS:
                raise InvalidSetting(f"setting {name!r} is the service's to decide")
            if not _is_plain(value):
                expected = "a finite number, a text, true, false or a list of numbers"
                raise InvalidSetting.of(name, value, expected)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two asks the same, prompts apart."""
        settings = json.dumps(dict(self.settings), sort_keys=True)
        return (self.task, self.method, self.model, settings, self.refine)


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= LONGEST and all(
            isinstance(part, int | float) and _is_plain(part) for part in value
        )
    if isinstance(value, str):
        return value.strip().lstrip("+-").lower() not in ENDLESS
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result on its way out.

    Args:
        data: The body.
        media: Its media type.
        seconds: By stage.
    """

    data: bytes
    media: str
    seconds: Mapping[str, float]


def answer(ask: Ask, data: bytes, shown: Shown, limits: Limits = SERVER) -> Answer:
    """Segment the picture in ``data`` and return the result in the form that is wanted.

    Raises:
        PixelwiseError: The picture or the ask will not do.
    """
    start = time.perf_counter()
    image = read_picture(data, limits)
    opened = time.perf_counter()
    result = segmented(ask, image)
    done = time.perf_counter()
    seconds = {"read": opened - start, "segment": done - opened}
    if shown.kind == "record":
        made = record("image", image, result, {**seconds, "write": 0.0})
        body = json.dumps(made, ensure_ascii=True).encode()
    else:
        body = encode(SAVES[shown.kind].make(image, result), shown.suffix)
    return Answer(body, shown.media, {**seconds, "write": time.perf_counter() - done})


def read_picture(data: bytes, limits: Limits = SERVER) -> Image:
    """Return the picture in a request; its name is never the client's.

    Raises:
        InputError: It is none, or in a format that is not read here.
        LimitError: It asks for too much; told from its header.
    """
    try:
        return decode(data, "image", Reading(limits=limits))
    except MissingExtra as error:
        raise InputError(str(error), reason="unsupported") from error


def segmented(ask: Ask, image: Image) -> Result:
    """Return what the ask makes of a picture."""
    if ask.prompts is not None:
        return segmenter_of(ask)(image)
    return _kept(ask.key, _Hidden(ask))(image)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """An ask that the cache does not look at: its key says all."""

    ask: Ask

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hidden)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=KEPT)
def _kept(_: tuple[object, ...], hidden: _Hidden) -> Segmenter:
    return segmenter_of(hidden.ask)


def segmenter_of(ask: Ask) -> Segmenter:
    """Return the segmenter; model files must be here: a request never opens a connection."""
    request = Request(
        task=ask.task,
        method=ask.method,
        model=ask.model,
        prompts=ask.prompts,
        settings=ask.settings,
        access=Access(offline=True),
        refine=ask.refine,
    )
    return with_threads(segmenter_for(request), max(1, cv2.getNumThreads()))


def warm() -> None:
    """Load what the first requests most likely want, and every compiled kernel.

    A single picture is done sooner without those; a service would load them after some hundred
    requests and then hold more memory than before.
    """
    for module in (areas, blocks, components, distance, grow, guided, histogram, resize):
        module.KERNELS.warm()
    data = encode(Image(np.zeros((16, 16, 3), np.uint8)), ".jpg")
    try:
        answer(Ask(task=Task.FOREGROUND), data, Shown())
    except ModelError:
        answer(Ask(method="otsu"), data, Shown())  # no model is here; methods are

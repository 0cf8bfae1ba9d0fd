"""Pictures as they come: always the newest, never a queue; what vanishes is opened again."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Event, Thread
from time import perf_counter
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Segmenter, Sink, Source
from pixelwise.errors import PixelwiseError
from pixelwise.pipeline.mailbox import Mailbox
from pixelwise.pipeline.running import Pair, Refine, Show, timed
from pixelwise.pipeline.threads import ahead

__all__ = ["Live", "LiveReport", "Opener", "State", "run_live"]

REMEMBERED = 600
"""Latencies of so many frames are kept for the report."""
THUMB = 16
"""Every so many-th pixel tells whether a camera gives the same picture for ever."""


class State(StrEnum):
    """What is known of the source."""

    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"
    ENDED = "ended"


class Opener(Protocol):
    """Opens the source, again after each loss."""

    def __call__(self) -> Source:
        """Return the source.

        Raises:
            PixelwiseError: It is not there.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """How a live source is treated.

    Args:
        lost_after_s: Without a new picture for so long the source is lost.
        backoff_s: Wait before it is opened again; doubled each time, up to ``most_backoff_s``.
        most_backoff_s: The longest wait.
        reopens: Whether it is opened again at all; a file that ends has ended.
        freezes: Whether the same picture for ``lost_after_s`` means a camera that hangs.
        tell: Takes each new state.
    """

    lost_after_s: float = 1.0
    backoff_s: float = 0.25
    most_backoff_s: float = 5.0
    reopens: bool = True
    freezes: bool = False
    tell: Callable[[State], None] = lambda _: None


@dataclass(slots=True)
class LiveReport:
    """What has happened so far; latencies are from a picture's arrival to its return by the sink.

    Args:
        frames: Pictures shown.
        late: Pictures dropped because a newer one had come.
        losses: How often the source was lost.
        state: Of the source.
        seconds: Since the first picture.
    """

    frames: int = 0
    late: int = 0
    losses: int = 0
    state: State = State.OPENING
    seconds: float = 0.0
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.frames / self.seconds if self.seconds else 0.0

    def latency_ms(self, percent: float = 50) -> float:
        """Return a percentile of the latency in milliseconds; 0 before the first picture."""
        if not self.latencies_s:
            return 0.0
        return 1000 * float(np.percentile(list(self.latencies_s), percent))


def run_live(
    opener: Opener,
    segmenter: Segmenter,
    sink: Sink,
    *,
    refine: Refine | None = None,
    show: Show | None = None,
    live: Live | None = None,
) -> Generator[LiveReport, None, None]:
    """Show the newest picture again and again; yield the report after each of them.

    Reading and segmenting have a thread each; drawing and the sink are in the caller's, as
    windows want it. The report is also yielded while the source is lost, about once a second.
    Stop by closing the iterator; the sink is closed properly.

    Args:
        opener: Opens the source.
        segmenter: Picture to result.
        sink: Takes what is shown.
        refine: Makes neighbours agree; must not look ahead.
        show: Makes the picture that is shown.
        live: How the source is treated.

    Raises:
        PixelwiseError: The source could not be opened, or ended before its first picture.
    """
    rules = live or Live()
    report = LiveReport()
    box: Mailbox[Image] = Mailbox()
    stop = Event()
    reader = _Reader(opener, rules, box, stop)
    Thread(target=reader.work, daemon=True).start()
    answers = ahead(_answers(_newest(box, rules.lost_after_s), segmenter, refine), depth=1)
    with ExitStack() as stack:
        stack.enter_context(closing(cast("Generator[Answer, None, None]", answers)))
        stack.callback(box.close)
        stack.callback(stop.set)
        stack.enter_context(sink)
        yield from _told(_drawn(answers, show), sink, report, reader, rules)


Answer = Pair | None
"""A picture with its result; None: nothing came for a while."""


def _newest(box: Mailbox[Image], patience_s: float) -> Iterator[Image | None]:
    while not box.is_closed:
        image = box.take(patience_s)
        if image is not None or not box.is_closed:
            yield image


def _answers(
    images: Iterator[Image | None], segmenter: Segmenter, refine: Refine | None
) -> Iterator[Answer]:
    """Yield each picture with its result; refining sees only the pictures that came."""
    if refine is None:
        for image in images:
            yield None if image is None else (image, segmenter(image))
        return
    waiting: deque[Pair] = deque()

    def feed() -> Iterator[Pair]:
        while True:
            yield waiting.popleft()

    refined = refine(feed())
    for image in images:
        if image is None:
            yield None
            continue
        waiting.append((image, segmenter(image)))
        yield next(refined)


def _drawn(answers: Iterator[Answer], show: Show | None) -> Iterator[Answer]:
    for answer in answers:
        if answer is None or show is None:
            yield answer
        else:
            yield timed(show(*answer), answer[0]), answer[1]


def _told(
    answers: Iterator[Answer], sink: Sink, report: LiveReport, reader: "_Reader", rules: Live
) -> Iterator[LiveReport]:
    """Write each answer and keep the books."""
    start: float | None = None
    last: Pair | None = None
    for answer in answers:
        now = perf_counter()
        if answer is not None:
            start = now if start is None else start
            sink.write(*answer)
            last = answer
            report.frames += 1
            arrived = reader.arrived(answer[0])
            if arrived is not None:
                report.latencies_s.append(perf_counter() - arrived)
        elif last is not None and report.state is not State.LOST:
            sink.write(_stale(last[0]), last[1])
        _set(report, reader.state(), rules)
        report.late = reader.box.dropped
        report.seconds = perf_counter() - start if start is not None else 0.0
        yield report
    _set(report, State.ENDED, rules)
    reader.raise_first()
    yield report


def _set(report: LiveReport, state: State, rules: Live) -> None:
    if state is report.state:
        return
    report.losses += state is State.LOST
    report.state = state
    rules.tell(state)


def _stale(image: Image) -> Image:
    return replace(image, notes=(*image.notes, "stale"))


class _Reader:
    """Fills the box with what the source gives, and opens it again."""

    def __init__(self, opener: Opener, rules: Live, box: Mailbox[Image], stop: Event) -> None:
        self.box = box
        self._opener, self._rules, self._stop = opener, rules, stop
        self._arrivals: dict[float, float] = {}
        self._fresh: float | None = None
        self._first_error: PixelwiseError | None = None
        self._thumb: NDArray[Any] | None = None
        self._zero = perf_counter()

    def work(self) -> None:
        """Read until stopped."""
        wait = self._rules.backoff_s
        while not self._stop.is_set():
            before = self._fresh
            try:
                self._read()
            except PixelwiseError as error:
                self._first_error = self._first_error or error
            if not self._rules.reopens or self._fresh is None:
                break  # what never gave a picture is a mistake, not a loss
            wait = self._rules.backoff_s if self._fresh != before else wait * 2
            self._stop.wait(min(wait, self._rules.most_backoff_s))
        self.box.close()

    def state(self) -> State:
        """Return what is known of the source now."""
        if self._fresh is None:
            is_late = perf_counter() - self._zero > self._rules.lost_after_s
            return State.LOST if is_late else State.OPENING
        age = perf_counter() - self._fresh
        return State.LOST if age >= self._rules.lost_after_s else State.LIVE

    def arrived(self, image: Image) -> float | None:
        """Return when a picture came."""
        return self._arrivals.pop(image.space.time_s or 0.0, None)

    def raise_first(self) -> None:
        """Raise what went wrong if not a single picture came."""
        if self._fresh is None and self._first_error is not None:
            raise self._first_error

    def _read(self) -> None:
        for image in self._opener():
            if self._stop.is_set():
                return
            now = perf_counter()
            if self._rules.freezes and self._is_frozen(image):
                continue
            self._fresh = now
            time_s = now - self._zero
            self._arrivals[time_s] = now
            while len(self._arrivals) > REMEMBERED:
                self._arrivals.pop(next(iter(self._arrivals)))
            self.box.put(image.with_space(replace(image.space, time_s=time_s)))

    def _is_frozen(self, image: Image) -> bool:
        """Whether a camera gives just what it gave last: real ones never do."""
        thumb = np.array(image.pixels[::THUMB, ::THUMB])
        same = self._thumb is not None and np.array_equal(thumb, self._thumb)
        self._thumb = thumb
        return bool(same)

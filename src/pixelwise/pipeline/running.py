"""The one road, for many pictures: source, segmenter, refining, tracking, drawing, sink."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol

from pixelwise.core import Image, Result, Segmenter, Sink, Source, Tracker
from pixelwise.pipeline.threads import ahead, in_parallel

__all__ = ["Pair", "Parallel", "Refine", "Report", "Show", "run", "timed"]

Pair = tuple[Image, Result]
Show = Callable[[Image, Result], Image]


class Refine(Protocol):
    """Makes results better that belong together; may look ahead, must keep their order."""

    def __call__(self, pairs: Iterable[Pair], /) -> Iterator[Pair]:
        """Yield every pair with its better result."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """A segmenter that several threads may call at once: for slow methods and many cores.

    Args:
        segmenter: What does the work.
        workers: Threads.
    """

    segmenter: Segmenter
    workers: int

    def __call__(self, image: Image) -> Result:
        """Segment ``image``."""
        return self.segmenter(image)


@dataclass(frozen=True, slots=True)
class Report:
    """What was done.

    Args:
        frames: Pictures that went through.
        seconds: What it took.
    """

    frames: int
    seconds: float


def run(
    source: Source,
    segmenter: Segmenter,
    sink: Sink,
    *,
    refine: Refine | None = None,
    tracker: Tracker | None = None,
    show: Show | None = None,
) -> Report:
    """Send every picture of the source through the segmenter into the sink.

    Reading, segmenting, refining with tracking, drawing and writing each have a thread of their
    own and work at the same time, with a few pictures between them, so memory does not grow with
    the length of the source. What comes out does not depend on the threads.

    Args:
        source: Where the pictures come from.
        segmenter: Picture to result; :class:`Parallel` gives it several threads.
        sink: Takes picture and result; it is opened, and closed also after an error or Ctrl-C.
        refine: Makes the results of neighbours agree, as ``refine.Stable`` does.
        tracker: Gives the things their ids.
        show: Makes the picture that is written out of picture and result.

    Returns:
        How many pictures there were, and the time.

    >>> class Numbers:
    ...     def __iter__(self): yield from (Image(np.full((2, 2), n, np.uint8)) for n in (1, 9))
    >>> class Printed:
    ...     def __enter__(self): return self
    ...     def __exit__(self, *_): pass
    ...     def write(self, image, result): print(int(result.mask.sum()))
    >>> run(Numbers(), lambda image: Foreground(image.pixels[..., 0] > 5), Printed()).frames
    0
    4
    2
    """
    start, frames = perf_counter(), 0
    stages: list[Any] = [ahead(source)]
    stages.append(ahead(_segmented(stages[0], segmenter)))
    if refine is not None or tracker is not None:
        pairs = stages[-1] if refine is None else refine(stages[-1])
        stages.append(ahead(_tracked(pairs, tracker)))
    if show is not None:
        stages.append(ahead(_shown(stages[-1], show)))
    with sink:
        try:
            for image, result in stages[-1]:
                sink.write(image, result)
                frames += 1
        finally:
            for stage in reversed(stages):  # a later one must not wait for an earlier one
                stage.close()
    return Report(frames, perf_counter() - start)


def _segmented(images: Iterable[Image], segmenter: Segmenter) -> Iterator[Pair]:
    if isinstance(segmenter, Parallel):
        yield from in_parallel(
            lambda image: (image, segmenter.segmenter(image)), images, segmenter.workers
        )
        return
    for image in images:
        yield image, segmenter(image)


def _tracked(pairs: Iterable[Pair], tracker: Tracker | None) -> Iterator[Pair]:
    for image, result in pairs:
        yield image, result if tracker is None else tracker.update(image, result)


def _shown(pairs: Iterable[Pair], show: Show) -> Iterator[Pair]:
    for image, result in pairs:
        yield timed(show(image, result), image), result


def timed(shown: Image, image: Image) -> Image:
    """Return what is shown of a picture with that picture's time."""
    if shown.space.time_s is not None or image.space.time_s is None:
        return shown
    return replace(shown, space=replace(shown.space, time_s=image.space.time_s))

"""Progress bars on stderr, for people only."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from pixelwise.ops.progress import listening

__all__ = ["Download", "Frames", "Steps", "counted", "counter", "track", "working"]

T = TypeVar("T")


def track(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield the items with a bar, when there is more than one and a person looks."""
    if total < 2 or not sys.stderr.isatty():
        yield from items
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        yield from progress.track(items, total=total, description=what)


def counted(items: Iterable[T], what: str) -> Iterator[T]:
    """Yield items whose number nobody knows, and show how many there were, when a person looks."""
    if not sys.stderr.isatty():
        yield from items
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} {task.description}"))
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task(what, total=None)
        for item in items:
            yield item
            progress.advance(bar)


@contextmanager
def counter(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Give a function to be called with the name of each thing that is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    last = TextColumn("{task.description}")
    with Progress(*columns, last, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=total)
        yield lambda name: progress.update(bar, advance=1, description=name)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a bar from when a method says how far it is, if a person looks."""
    with Steps(what) as bar, listening(bar.step):
        yield


class Download:
    """A bar for the bytes of a model; call it with the bytes so far and the bytes in all."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Show the state; the bar appears with the first call and goes when all is there."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
            self._progress = Progress(*columns, console=Console(stderr=True))
            self._progress.start()
            self._task = self._progress.add_task("model", total=total)
        self._progress.update(self._task, completed=done, total=total)
        if total is not None and done >= total:
            self._progress.stop()
            self._progress = None


class _Speed(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        """Return the frames a second."""
        return Text(f"{task.finished_speed or task.speed or 0:.1f} frames/s")


class Frames:
    """A bar for the frames of a video: how many, how fast, how long yet.

    Args:
        name: What is worked on.
        total: Frames in all; 0: unknown.
    """

    def __init__(self, name: str, total: int) -> None:
        self._progress: Progress | None = None
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            console = Console(stderr=True)
            self._progress = Progress(*columns, _Speed(), TimeRemainingColumn(), console=console)
            self._task = self._progress.add_task(name, total=total or None)

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self) -> None:
        """Count one frame."""
        if self._progress is not None:
            self._progress.advance(self._task)


class Steps:
    """A bar whose length is known only when the work has begun.

    Args:
        what: What is counted.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self, done: int, total: int) -> None:
        """Show how much is done; the bar appears with the first call."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            console = Console(stderr=True)
            self._progress = Progress(*columns, TimeRemainingColumn(), console=console)
            self._progress.start()
            self._task = self._progress.add_task(self._what, total=total)
        self._progress.update(self._task, completed=done, total=total)

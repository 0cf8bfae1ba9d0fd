"""What a long run says on stderr, from a thread of its own: a reader that sleeps stops no work."""

import os
import sys
import time
from queue import Empty, Full, Queue
from threading import Thread
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pixelwise.cli.exits import one_line

__all__ = ["Bulletin"]

MOST = 1000
"""Lines that wait for a reader; later ones are dropped."""
PATIENCE_S = 1.0
"""How long the end of the run waits for the reader."""
STDERR = 2


class Bulletin:
    """Lines and a bar for people; no call ever waits. Used in a ``with`` block.

    Args:
        what: What is done, in one word, for the bar.
    """

    def __init__(self, what: str) -> None:
        self._lines: Queue[str | None] = Queue(MOST)
        self._counts: tuple[int, int, int | None] = (0, 0, None)
        self._start_s = time.monotonic()
        self._bar = _bar(what) if sys.stderr.isatty() else None
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._lines.put(None, timeout=PATIENCE_S)
        except Full:
            return
        self._thread.join(PATIENCE_S)

    @property
    def is_seen(self) -> bool:
        """Whether a bar is shown."""
        return self._bar is not None

    def say(self, message: object) -> None:
        """Show one line."""
        try:
            self._lines.put_nowait(f"pixelwise: {one_line(message)}\n")
        except Full:
            return

    def count(self, done: int, before: int, total: int | None) -> None:
        """Show how far the run is; ``before`` of those done were done by earlier runs."""
        self._counts = (done, before, total)

    def _work(self) -> None:
        if self._bar is not None:
            self._bar.start()
        while True:
            try:
                line = self._lines.get(timeout=0.2 if self._bar is not None else None)
            except Empty:
                self._move()
                continue
            if line is None:
                break
            self._show(line)
        if self._bar is not None:
            self._move()
            self._bar.stop()

    def _show(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(line, end="", markup=False, highlight=False)
            return
        data = line.encode(errors="backslashreplace")
        while data:  # past Python's buffer, whose lock a blocked write would hold at the end
            try:
                data = data[os.write(STDERR, data) :]
            except OSError:
                return

    def _move(self) -> None:
        if self._bar is None:
            return
        done, before, total = self._counts
        rate = (done - before) / max(time.monotonic() - self._start_s, 1e-3)
        self._bar.update(self._bar.task_ids[0], completed=done, total=total, rate=f"{rate:.1f}/s")


def _bar(what: str) -> Progress:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
    bar.add_task(what, total=None, rate="")
    return bar

"""Runs the batch with a segmenter that does what the picture's name says: a program for tests."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pixelwise.batch import ENGINES
from pixelwise.batch.disk import Disk
from pixelwise.batch.job import Work
from pixelwise.batch.journal import Journal
from pixelwise.batch.running import Run
from pixelwise.core import Foreground


@dataclass(frozen=True, kw_only=True)
class Poisoned(Work):
    """Work on files whose first byte says what happens."""

    def compute(self, item):
        kind = item.origin.path.read_bytes()
        if kind.startswith(b"DIE"):
            os.kill(os.getpid(), signal.SIGKILL)
        if kind.startswith(b"HANG"):
            time.sleep(1000)
        if kind.startswith(b"BUG"):
            raise ZeroDivisionError(item.name)
        if kind.startswith(b"GONE"):
            item.origin.path.unlink()
        if kind.startswith(b"GROW"):
            item.origin.path.write_bytes(item.origin.path.read_bytes() + b"more")
        return super().compute(item)


@dataclass(frozen=True)
class Bright:
    name = "bright"

    def __call__(self, image):
        return Foreground(image.pixels[..., 0] > 100)


def main():
    source, output, deadline, engine = sys.argv[1:5]
    work = Poisoned(segmenter=Bright(), root=Disk(output), kinds=("labels",))
    Path(output).mkdir(exist_ok=True)
    with Journal(Path(output), work.stamp()) as journal:
        runs = ENGINES[engine](work, workers=2, deadline_s=float(deadline))
        run = Run(source=source, work=work, journal=journal, engine=runs, tell=lambda *_: None)
        tally = run.once()
    sys.stdout.write(f"{tally.done} {tally.failed}")


if __name__ == "__main__":
    main()

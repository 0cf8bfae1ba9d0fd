"""A long video through the whole road: does memory grow with its length?

python bench/length.py [--quick]

Five minutes of a moving picture at 1280 x 720 and 30 a second (one minute with --quick), out of
memory through Otsu, stable masks and a blurred background into an MP4. Printed: the slope of the
resident memory in MB a minute of video, after the first quarter, and the threads.
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harness import arguments, finish
from pixelwise.core import Image, Result, Space
from pixelwise.drawing import Blur, composite
from pixelwise.io.video import VideoWriter
from pixelwise.methods.threshold.otsu import Otsu
from pixelwise.pipeline import run
from pixelwise.refine import Stable

RATE, SIZE = 30, (720, 1280)
SAMPLED = 60


def frames(count: int) -> Iterator[Image]:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1] * 2]
    wide = np.stack([x % 256, (x + y) % 256, y % 256], -1).astype(np.uint8) // 2
    wide[200:520, ::2] //= 2
    for number in range(count):
        left = (4 * number) % SIZE[1]
        pixels = wide[:, left : left + SIZE[1]].copy()
        pixels[240:480, 500:780] = 230
        yield Image(pixels, Space(time_s=number / RATE))


class Watched(VideoWriter):
    """Writes, and notes memory and threads now and then."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sizes: list[tuple[float, float]] = []
        self.threads: set[int] = set()

    def write(self, image: Image, result: Result) -> None:
        super().write(image, result)
        if self.written % SAMPLED == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            self.sizes.append((self.written / RATE / 60, megabytes))
            self.threads.add(threading.active_count())


def main() -> None:
    options = arguments(__doc__ or "")
    count = RATE * 60 * (1 if options.quick else 5)
    start, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        sink = Watched(Path(folder) / "long.mp4")
        run(
            frames(count),
            Otsu(),
            sink,
            refine=Stable(),
            show=lambda image, result: composite(image, result, Blur(55)),
        )
    minutes, sizes = np.array(sink.sizes[len(sink.sizes) // 4 :]).T
    slope = float(np.polyfit(minutes, sizes, 1)[0])
    seconds, spent = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"{count} frames: memory {sizes[0]:.1f} to {sizes[-1]:.1f} MB, slope {slope:+.2f} MB a "
        f"minute (must < 1); threads {sorted(sink.threads)}; {seconds:.0f} s, "
        f"{1000 * spent / count:.1f} ms of processor time a frame"
    )
    finish({"length_slope_mb_a_minute": slope, "length_cpu_ms_a_frame": 1000 * spent / count})


if __name__ == "__main__":
    main()

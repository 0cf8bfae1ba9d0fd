"""Live pictures: frames a second without encoding, and the latency that is added.

python bench/live.py --data DIR --models DIR

Rate: frames come as fast as they are taken (out of memory). Latency: they come 30 times a second,
and it is measured from the arrival of a frame to the return of the sink.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from harness import arguments, finish
from pixelwise.cards.deck import load_cards
from pixelwise.core import Image, Result
from pixelwise.drawing import Blur, composite
from pixelwise.io.video import VideoFile
from pixelwise.methods.deep.network import Network
from pixelwise.pipeline import Live, LiveReport, run_live
from pixelwise.refine import Stable

SIZES = {"720p": (720, 1280, 60), "1080p": (1080, 1920, 30)}
FIRST = 300


class Nowhere:
    def __enter__(self) -> Self:
        return self

    def write(self, image: Image, result: Result) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def frames(path: Path, size: tuple[int, int], count: int) -> list[Image]:
    made = []
    for number, image in enumerate(VideoFile(path)):
        if number >= FIRST:
            pixels = cv2.resize(image.pixels, size[::-1], interpolation=cv2.INTER_CUBIC)
            made.append(Image(pixels))
        if len(made) == count:
            return made
    return made


def endless(images: list[Image], rate: float | None, seconds: float) -> Iterator[Image]:
    start, number = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        if rate is not None:
            wait = start + number / rate - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
        else:
            time.sleep(0.0005)
        yield images[number % len(images)]
        number += 1


def measure(
    images: list[Image], network: Network, rate: float | None, seconds: float, stable: bool
) -> LiveReport:
    reports = run_live(
        lambda: endless(images, rate, seconds),
        network,
        Nowhere(),
        refine=Stable.live() if stable else None,
        show=lambda image, result: composite(image, result, Blur(55)),
        live=Live(reopens=False),
    )
    with closing(reports):
        return list(reports)[-1]


def main() -> None:
    options = arguments(__doc__ or "")
    seconds, rounds = (1.0, 1) if options.quick else (2.0, 5)
    file = options.models / "selfie_segmentation_landscape.tflite"
    network = Network.load(load_cards()["selfie-landscape"], file).warm()
    source = options.data / "videos" / "one-by-one-person-detection.mp4"
    figures = {}
    for name, (height, width, must) in SIZES.items():
        images = frames(source, (height, width), 20)
        measure(images, network, None, 0.5, stable=True)
        for stable in (False, True):
            rates, delays, lates = [], [], []
            for _ in range(rounds):
                rates.append(measure(images, network, None, seconds, stable).rate)
                calm = measure(images, network, 30.0, seconds, stable)
                delays.append(calm.latency_ms())
                lates.append(calm.latency_ms(95))
            kind = "stable" if stable else "per frame"
            print(
                f"{name:>6} {kind:10} {np.median(rates):6.1f} frames/s (best {max(rates):.1f}, "
                f"must >= {must}); latency at 30 frames/s {np.median(delays):5.1f} ms (best "
                f"{min(delays):.1f}, 95 % {np.median(lates):.1f}, must < 40); load "
                f"{os.getloadavg()[0]:.1f}"
            )
            key = f"live_{name}_{'stable' if stable else 'per_frame'}"
            figures |= {
                f"{key}_rate": float(np.median(rates)),
                f"{key}_rate_best": max(rates),
                f"{key}_latency_ms": float(np.median(delays)),
                f"{key}_latency_ms_best": min(delays),
            }
    finish(figures)


if __name__ == "__main__":
    main()

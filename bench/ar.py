"""Virtual things: what a frame costs beyond its segmentation, at 1280 x 720.

python bench/ar.py [--quick] [--data DIR]

Processor time a frame of the composite alone, and of scenes with things, light and shadows; the
person is a true mask of ``people_ccp``, kept at 256 x 256 as a network would leave it.
"""

import time
from collections.abc import Callable

import cv2
import numpy as np

import harness
from composite import scene as photo
from pixelwise.apps.ar import Layer, Look, Person, Scene, Screen, Spot, Sprite
from pixelwise.core import Foreground, Image, Space
from pixelwise.drawing import Blur, Picture, composite
from pixelwise.ops import blend

SIZE = (720, 1280)
MUST_MS = 33.0
"""A frame of 30 a second."""


def ball(side: int) -> Sprite:
    """Return a shaded ball on nothing."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    round_ = np.clip((1 - np.hypot(x, y)) * side / 2, 0, 1)
    light = np.clip(0.62 * np.sqrt(np.clip(1 - x * x - y * y, 0, 1)) - 0.5 * x - 0.6 * y, 0, 1)
    pixels = np.dstack([60 + 150 * light, 90 + 110 * light, 160 + 80 * light, 255 * round_])
    return Sprite.still(Image(pixels.astype(np.uint8)))


def spent(show: Callable, image: Image, person: Foreground, rounds: int) -> float:
    """Return the least milliseconds of processor time of a frame."""
    least = float("inf")
    for number in range(rounds):
        frame = Image(image.pixels, Space(time_s=number / 30))
        start = time.process_time()
        show(frame, person)
        least = min(least, time.process_time() - start)
    return 1000 * least


def main() -> None:
    options = harness.arguments(__doc__ or "")
    blend.KERNELS.warm()
    folder = options.data / "people_ccp"
    stem = sorted(path.stem for path in (folder / "photos").glob("*.jpg"))[2]
    image, person = photo(folder, stem, SIZE)
    other = Picture(Image(cv2.GaussianBlur(image.pixels[::-1], (9, 9), 0)))
    thing = Layer(ball(400), Screen(x=0.6, y=0.4, width=0.3))
    hat = Layer(ball(200), Person(at=Spot.HEAD))
    jobs: dict[str, Callable] = {
        "blur 55": lambda *frame: composite(*frame, Blur(55)),
        "thing": Scene([thing]),
        "thing and hat": Scene([thing, hat]),
        "picture": Scene([], other),
        "picture, thing, light": Scene([thing], other, Look(wrap=0.5, shadow=0.5, parallax=0.05)),
    }
    figures = {}
    for name, show in jobs.items():
        value = spent(show, image, person, 5 if options.quick else 25)
        print(f"{name:24} {value:6.2f} ms of processor time a frame, must < {MUST_MS:.0f}")
        figures[f"ar_ms_{name.replace(', ', '_').replace(' ', '_')}"] = value
    harness.finish(figures)


if __name__ == "__main__":
    main()

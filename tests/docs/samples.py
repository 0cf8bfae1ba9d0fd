"""The files that the documentation's snippets speak of."""

from pathlib import Path

import cv2
import numpy as np
import skimage.data

import pixelwise as pw
from tests.films import film

__all__ = ["make_samples"]


def make_samples(folder: Path) -> None:
    """Write small files under the names that the pages use."""
    pw.write(folder / "photo.jpg", pw.Image(skimage.data.astronaut()))
    pw.write(folder / "page.png", pw.Image(skimage.data.page()))
    pw.write(folder / "cells.png", pw.Image(skimage.data.coins()))
    discs = np.zeros((2, 120, 160), np.uint8)
    for number, plane in enumerate(discs):
        cv2.circle(plane, (60 + 4 * number, 60), 40, 255, -1)
    for name, plane in zip(("truth", "guess"), discs, strict=True):
        pw.write(folder / f"{name}.png", pw.Image(plane))
    for name, plane in zip(("truth", "predicted", "other"), (*discs, discs[1]), strict=True):
        (folder / name).mkdir()
        pw.write(folder / name / "disc.png", pw.Foreground(plane > 0))
    shapes = pw.Legend.of(["disc"], things=["disc"])
    things = pw.Instances.of(discs > 0, np.int32([0, 0]), shapes)
    pw.write(folder / "things.coco.json", things)
    (folder / "pictures").mkdir()
    for number in range(3):
        small = skimage.data.astronaut()[:128, number * 40 : number * 40 + 128]
        pw.write(folder / "pictures" / f"{number}.jpg", pw.Image(np.ascontiguousarray(small)))
    film(folder / "talk.mp4")

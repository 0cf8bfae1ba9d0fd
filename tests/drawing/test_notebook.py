"""Results show themselves in notebooks."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Legend, Regions, Semantic
from pixelwise.drawing.notebook import MOST_SIDE

MASK = np.zeros((40, 60), bool)
MASK[10:30, 20:40] = True


def decoded(png):
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)


def test_image_when_shown_then_its_own_colours_in_png():
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[..., 0] = 200
    assert decoded(Image(pixels)._repr_png_())[0, 0].tolist() == [0, 0, 200]  # OpenCV reads BGR


def test_image_when_large_then_shown_smaller():
    shown = decoded(Image(np.zeros((900, 1800), np.uint8))._repr_png_())
    assert shown.shape[:2] == (MOST_SIDE // 2, MOST_SIDE)


def test_foreground_when_shown_then_thing_and_background_differ():
    shown = decoded(Foreground(MASK)._repr_png_())
    assert shown[20, 30].tolist() != shown[2, 2].tolist()


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (Foreground(MASK), "16.7 %"),
        (Semantic(MASK.astype(np.int32), Legend.official("voc-21")), "aeroplane"),
        (Regions(MASK.astype(np.int32) + 1), "2 regions"),
    ],
)
def test_result_when_shown_as_html_then_says_what_was_found(result, word):
    assert word in result._repr_html_()
    assert decoded(result._repr_png_()).shape[:2] == MASK.shape

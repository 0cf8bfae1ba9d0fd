"""Pictures side by side under their titles."""

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.drawing import sheet
from pixelwise.errors import InputError


def plain(colour, height=30, width=60):
    return Image(np.full((height, width, 3), colour, np.uint8))


def test_sheet_when_made_then_each_picture_stands_in_its_place():
    colours = {"red": (200, 0, 0), "green": (0, 200, 0), "blue": (0, 0, 200)}
    made = sheet({name: plain(colour) for name, colour in colours.items()}, columns=2, width=100)
    height, width = made.pixels.shape[:2]
    middle = [
        made.pixels[height // 2 - 10, 50],
        made.pixels[height // 2 - 10, width - 50],
        made.pixels[height - 16, 50],
        made.pixels[height - 16, width - 50],
    ]
    assert [tuple(colour) for colour in middle] == [*colours.values(), (255, 255, 255)]


def test_sheet_when_made_then_titles_are_written_and_fit():
    long = sheet({"a title that is far too long for so small a picture": plain(255)}, width=120)
    assert long.width == 120
    dark = (long.pixels < 128).any(axis=2)
    assert dark.any()
    assert (sheet({"": plain(255)}).pixels == 255).all()


def test_sheet_when_pictures_differ_in_shape_then_paper_fills_the_row():
    made = sheet({"low": plain(0, 10, 60), "high": plain(0, 60, 60)}, columns=2, width=60)
    assert tuple(made.pixels[-8, 30]) == (255, 255, 255)
    assert tuple(made.pixels[-8, -30]) == (0, 0, 0)


def test_sheet_when_it_has_no_picture_then_error():
    with pytest.raises(InputError, match="no picture"):
        sheet({})

from pathlib import Path

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.drawing import (
    Background,
    Blur,
    CleanBlur,
    Colour,
    Picture,
    Transparent,
    parse_background,
)
from pixelwise.errors import InvalidSetting

PICTURE = Image(np.zeros((2, 2, 3), np.uint8))


def read(path: str) -> Image:
    return PICTURE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blur", Blur(55)),
        ("Blur:31", Blur(31)),
        ("clean-blur", CleanBlur(55)),
        ("clean-blur:9", CleanBlur(9)),
        ("none", Transparent()),
        (" transparent ", Transparent()),
        ("#00f", Colour((0, 0, 255))),
        ("#102030", Colour((16, 32, 48))),
        ("blue", Colour((0, 0, 255))),
        ("rgb(1, 2, 3)", Colour((1, 2, 3))),
    ],
)
def test_parse_background_when_known_then_typed(text: str, expected: Background) -> None:
    made = parse_background(text, read)
    assert made == expected
    assert type(made) is type(expected)


def test_parse_background_when_path_then_read(tmp_path: Path) -> None:
    path = tmp_path / "beach.png"
    path.write_bytes(b"any")
    made = parse_background(str(path), read)
    assert isinstance(made, Picture)
    assert made.image is PICTURE


@pytest.mark.parametrize("text", ["", "bluur", "blur:many", "blur:0", "blur:-3", "no/such.png"])
def test_parse_background_when_unknown_then_says_what_is(text: str) -> None:
    with pytest.raises(InvalidSetting):
        parse_background(text, read)


def test_colour_when_out_of_range_then_refused() -> None:
    with pytest.raises(InvalidSetting):
        Colour((0, 256, 0))

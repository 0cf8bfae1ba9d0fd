"""The window, where there is a screen; and what its keys choose."""

import os
import sys

import numpy as np
import pytest

from pixelwise.apps.ar import Layer, Look, Screen, Sprite
from pixelwise.cli.live import _Choice
from pixelwise.cli.preview import Preview
from pixelwise.core import Foreground, Image
from pixelwise.errors import Cancelled, OutputError

SIZE = (48, 64)
GREEN = (0, 200, 0)


def frame():
    pixels = np.full((*SIZE, 3), 90, np.uint8)
    mask = np.zeros(SIZE, bool)
    mask[:, 30:] = True
    pixels[mask] = GREEN
    return Image(pixels), Foreground(mask)


def corner(choice):
    return choice(*frame()).pixels[24, 2].tolist()


def test_choice_when_keys_are_pressed_then_the_background_changes():
    choice = _Choice("#ff0000", [], Look())
    assert corner(choice) == [255, 0, 0]
    for key, colour in (("3", [0, 0, 255]), ("4", [255] * 3), ("5", [192] * 3), ("6", [90] * 3)):
        choice.press(key)
        assert corner(choice) == colour
    choice.press("b")
    assert corner(choice) == [255, 0, 0]
    choice.press("x")
    assert corner(choice) == [255, 0, 0]


def test_choice_when_there_are_things_then_they_stay_before_every_background():
    red = Sprite.still(Image(np.full((4, 4, 4), (250, 0, 0, 255), np.uint8)))
    choice = _Choice("original", [Layer(red, Screen(x=0.1, y=0.5, width=0.2))], Look())
    assert corner(choice) == [250, 0, 0]
    choice.press("3")
    assert corner(choice) == [250, 0, 0]
    assert choice(*frame()).pixels[2, 20].tolist() == [0, 0, 255]


def test_preview_when_python_has_no_tk_then_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(OutputError, match="no Tk"), Preview(lambda _: None):
        pass


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="there is no screen; try xvfb-run")
def test_preview_when_a_key_is_pressed_then_told_and_q_ends():
    pressed = []
    with Preview(pressed.append) as preview:
        preview.write(*frame())
        preview._window.focus_force()
        preview._window.event_generate("<Key>", keysym="b")
        preview.write(*frame())
        assert pressed == ["b"]
        preview._window.event_generate("<Key>", keysym="q")
        with pytest.raises(Cancelled):
            preview.write(*frame())


def test_preview_when_the_screen_is_not_there_then_output_error(monkeypatch):
    pytest.importorskip("tkinter")
    monkeypatch.setenv("DISPLAY", ":99999")
    with pytest.raises(OutputError, match="--headless"), Preview(lambda _: None):
        pass

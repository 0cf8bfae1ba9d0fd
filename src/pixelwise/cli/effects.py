"""What is shown of each frame of a video: one row an effect."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pixelwise.apps.ar import Behind, Layer, Look, Moving, Scene
from pixelwise.convert import to_foreground
from pixelwise.core import Image, Result
from pixelwise.drawing import (
    Transparent,
    composite,
    cutout,
    draw,
    mask_picture,
    parse_background,
)
from pixelwise.errors import InputError, UnknownName, UsageError
from pixelwise.io.files import read
from pixelwise.io.video import CONTAINERS
from pixelwise.pipeline import Show

__all__ = ["COMPOSITE", "EFFECTS", "ORIGINAL", "effect", "is_clear", "show_before"]

EFFECTS: Mapping[str, Show] = {
    "overlay": draw,
    "mask": lambda _, result: mask_picture(to_foreground(result)),
    "cutout": lambda image, result: cutout(image, to_foreground(result)),
}
"""Effect -> picture and result to picture; ``composite`` needs a background, see show_before."""

COMPOSITE = "composite"
ORIGINAL = "original"
PLAIN = Look()


def effect(
    name: str, background: str | None, layers: Sequence[Layer] = (), look: Look = PLAIN
) -> Show:
    """Return what makes the picture that is written.

    Args:
        name: ``composite`` or a row of EFFECTS.
        background: For ``composite``: what the user wrote; None: a blur, or what the camera sees
            where there are virtual things.
        layers: Virtual things, for ``composite``.
        look: Light, shadows and parallax, for ``composite``.

    Raises:
        UnknownName: There is no such effect.
        UsageError: Virtual things, and another effect.
        InvalidSetting: The background is none.
    """
    if name == COMPOSITE:
        usual = ORIGINAL if layers else "blur"
        return show_before(background or usual, layers, look)
    if name not in EFFECTS:
        raise UnknownName.among("video output", name, [COMPOSITE, *EFFECTS])
    if layers or look != PLAIN:
        raise UsageError(f"--sprite and light go with {COMPOSITE}, not with --save {name}")
    return EFFECTS[name]


def show_before(text: str, layers: Sequence[Layer] = (), look: Look = PLAIN) -> Show:
    """Return the composite before a background, which may be ``original`` or a video file."""
    behind = _behind(text)
    if behind is None or layers or look != PLAIN:
        return Scene(layers, behind, look)

    def show(image: Image, result: Result) -> Image:
        time_s = image.space.time_s or 0.0
        now = behind.at(time_s) if isinstance(behind, Moving) else behind
        return composite(image, to_foreground(result), now)

    return show


def _behind(text: str) -> Behind:
    place = Path(text)
    if text == ORIGINAL:
        return None
    if place.suffix.lower() in CONTAINERS and place.is_file():
        return Moving(place)
    return parse_background(text, read)


def is_clear(name: str, background: str | None) -> bool:
    """Whether the pictures of that effect have alpha."""
    if name == COMPOSITE:
        text = background or ORIGINAL
        known = text == ORIGINAL or Path(text).is_file()
        return not known and parse_background(text, _unread) == Transparent()
    return name == "cutout"


def _unread(path: str) -> Image:
    raise InputError(f"{path} is not read here")

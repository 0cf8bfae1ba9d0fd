"""Where a virtual thing hangs: on the screen, on the person, on the outline, on a marker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pixelwise.apps.ar.markers import Marker
from pixelwise.apps.ar.persons import Outline, Person
from pixelwise.apps.ar.quads import Place, upright
from pixelwise.apps.ar.view import View
from pixelwise.core.method import build, check_ranges, setting
from pixelwise.errors import InvalidSetting, UnknownName

__all__ = ["ANCHORS", "Anchor", "Screen", "parse_anchor"]


class Anchor(Protocol):
    """Says where a picture goes in a frame."""

    def place(self, view: View, aspect: float) -> Place | None:
        """Return where a picture ``aspect`` times as high as wide goes; None: nowhere."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A fixed place of the frame, behind the person."""

    x: float = setting(0.75, "middle, share of the frame's width", low=-1, high=2)
    y: float = setting(0.35, "middle, share of the frame's height", low=-1, high=2)
    width: float = setting(0.3, "share of the frame's width", low=0.001, high=10)
    turn: float = setting(0.0, "degrees, clockwise", low=-360, high=360)
    depth: float = setting(0.5, "share of the background's parallax", low=0, high=1)

    def __post_init__(self) -> None:
        check_ranges(self)

    def place(self, view: View, aspect: float) -> Place:
        """Return where the picture goes."""
        height, width = view.size
        middle = np.array([self.x * width, self.y * height]) + self.depth * np.array(view.shift)
        return Place(upright(middle, self.width * width, aspect, self.turn))


ANCHORS: Mapping[str, type[Screen] | type[Person] | type[Outline] | type[Marker]] = {
    "screen": Screen,
    "person": Person,
    "outline": Outline,
    "marker": Marker,
}
"""Name -> anchor."""


def parse_anchor(text: str) -> Anchor:
    """Return the anchor that a user wrote: a name, and settings after a colon.

    Raises:
        UnknownName: There is no such anchor, or no such setting.
        InvalidSetting: A setting is out of range.

    >>> parse_anchor("screen:x=0.2,width=0.5")
    Screen(x=0.2, y=0.35, width=0.5, turn=0.0, depth=0.5)
    """
    name, _, rest = text.strip().partition(":")
    if name not in ANCHORS:
        raise UnknownName.among("anchor", name, ANCHORS)
    settings = {}
    for part in filter(None, rest.split(",")):
        key, sign, value = part.partition("=")
        if not sign:
            raise InvalidSetting.of("anchor", text, "NAME:KEY=VALUE,KEY=VALUE")
        settings[key.strip()] = value.strip()
    return build(ANCHORS[name], settings)

"""A virtual thing: what it looks like, where it hangs, before or behind the person."""

from dataclasses import dataclass

from pixelwise.apps.ar.anchors import Anchor, parse_anchor
from pixelwise.apps.ar.quads import Place
from pixelwise.apps.ar.sprites import Sprite, Texture
from pixelwise.apps.ar.view import View

__all__ = ["Layer", "parse_layer"]

SIDES = {"front": True, "behind": False}


@dataclass(frozen=True, eq=False)
class Layer:
    """One virtual thing.

    Args:
        sprite: What it looks like.
        anchor: Where it hangs.
        front: Whether it is before the person; None: as the anchor has it.
    """

    sprite: Sprite
    anchor: Anchor
    front: bool | None = None

    def placed(self, view: View) -> tuple[Texture, Place] | None:
        """Return its picture and place in a frame; None: it is nowhere."""
        texture = self.sprite.texture(view.time_s)
        place = self.anchor.place(view, texture.height / texture.width)
        if place is None:
            return None
        front = place.is_front if self.front is None else self.front
        return texture, Place(place.corners, is_front=front)


def parse_layer(sprite: Sprite, text: str) -> Layer:
    """Return the layer of a sprite and an anchor as a user writes it.

    Args:
        sprite: What it looks like.
        text: An anchor, see :func:`parse_anchor`; ``front`` or ``behind`` among its settings
            overrules where the anchor has things.

    Raises:
        UnknownName: There is no such anchor, or no such setting.
        InvalidSetting: A setting is out of range.

    >>> nothing = Sprite.still(Image(np.zeros((2, 2, 4), np.uint8)))
    >>> parse_layer(nothing, "person:at=left,front").front
    True
    """
    name, colon, rest = text.partition(":")
    parts = rest.split(",")
    sides = [part.strip() for part in parts if part.strip() in SIDES]
    settings = ",".join(part for part in parts if part.strip() not in SIDES)
    anchor = parse_anchor(name + colon + settings)
    return Layer(sprite, anchor, SIDES[sides[-1]] if sides else None)

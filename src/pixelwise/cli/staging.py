"""Options for virtual things, light and shadows, which video and live share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.apps.ar import ANCHORS, Layer, parse_layer, read_sprite
from pixelwise.errors import UsageError

__all__ = ["Anchors", "Parallax", "Shadow", "Sprites", "Wrap", "layers_of"]

Sprites = Annotated[
    list[Path] | None,
    typer.Option("--sprite", metavar="FILE", help="A picture or video with alpha; may repeat."),
]
Anchors = Annotated[
    list[str] | None,
    typer.Option(
        "--anchor",
        metavar="WHERE",
        help=f"Of each sprite: {', '.join(ANCHORS)}, with settings: person:at=left,front.",
    ),
]
Wrap = Annotated[float, typer.Option(min=0, max=1, help="Light of the background on edges.")]
Shadow = Annotated[float, typer.Option(min=0, max=1, help="Darkness of shadows.")]
Parallax = Annotated[
    float, typer.Option(min=0, max=0.25, help="How far a background gives way to the person.")
]

USUAL = "screen"


def layers_of(sprites: Sequence[Path] | None, anchors: Sequence[str] | None) -> list[Layer]:
    """Return the layers of what the user wrote; the last anchor serves the sprites that are left.

    Raises:
        UsageError: There are more anchors than sprites.
        UnknownName: There is no such anchor.
        InputError: A sprite cannot be read.
    """
    files, places = sprites or [], list(anchors or [USUAL])
    if anchors and len(places) > len(files):
        raise UsageError(f"{len(places)} --anchor for {len(files)} --sprite; give a sprite to each")
    places += places[-1:] * (len(files) - len(places))
    return [
        parse_layer(read_sprite(file), place)
        for file, place in zip(files, places[: len(files)], strict=True)
    ]

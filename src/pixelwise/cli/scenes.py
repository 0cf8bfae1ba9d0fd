"""Options of whole scenes, as segment and video share them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.apps.driving import BirdsEye, Shares, driving
from pixelwise.catalog import Request, segmenter_for
from pixelwise.core import Image, Panoptic, Result, Segmenter
from pixelwise.errors import UnknownName, UsageError
from pixelwise.io.atomic import write_bytes
from pixelwise.pipeline import Show

__all__ = ["Above", "Listed", "Name", "Table", "Watched", "birdseye", "scene_or_segmenter"]

SCENES: dict[str, Callable[[Request], Segmenter]] = {
    "driving": lambda request: driving(request.settings, request.access)
}

Name = Annotated[
    str | None, typer.Option("--scene", help=f"A whole scene, fused: {', '.join(SCENES)}.")
]
Table = Annotated[
    Path | None, typer.Option(help="With --scene: CSV of the share, and time, of each class.")
]
Above = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBERS",
        help="Show the road from above: x,y of 4 corners of a rectangle on it, from near left "
        "clockwise, or 9 numbers of a homography.",
    ),
]


def scene_or_segmenter(name: str | None, request: Request) -> Segmenter:
    """Return the scene of that name; None: what the request means.

    Raises:
        UnknownName: There is no such scene.
        UsageError: A task, method or model is named beside it.
    """
    if name is None:
        return segmenter_for(request)
    if name not in SCENES:
        raise UnknownName.among("scene", name, SCENES)
    if request.task or request.method or request.model or request.prompts or request.refine:
        raise UsageError(f"--scene {name} chooses its networks itself; --set changes them")
    return SCENES[name](request)


def birdseye(text: str | None) -> BirdsEye | None:
    """Return the view from above that numbers with commas mean.

    Raises:
        UsageError: They are no numbers, or span no plane.
    """
    if text is None:
        return None
    try:
        return BirdsEye.of([float(part) for part in text.split(",")])
    except ValueError as error:
        raise UsageError(f"--above must be numbers with commas, not {text!r}") from error


@dataclass(frozen=True)
class Watched:
    """What is shown of each frame, which is counted on the way.

    Args:
        show: Makes the picture.
        above: Makes the view from above in its place; None: there is none.
        table: Where the shares are written in the end; None: nowhere.
        shares: Counts.
    """

    show: Show
    above: BirdsEye | None
    table: Path | None
    shares: Shares

    @classmethod
    def of(cls, show: Show, scene: str | None, above: str | None, table: Path | None) -> "Watched":
        """Return what the options mean.

        Raises:
            UsageError: A table is asked for without a scene.
        """
        _check_table(scene, table)
        return cls(show, birdseye(above), table, Shares())

    def __call__(self, image: Image, result: Result) -> Image:
        """Return the picture of a frame."""
        if self.table is not None and isinstance(result, Panoptic):
            self.shares.add(image, result)
        return self.show(image, result) if self.above is None else self.above(image, result)

    def finish(self) -> None:
        """Write the table."""
        if self.table is not None:
            write_bytes(self.table, self.shares.text().encode())


@dataclass(frozen=True)
class Listed:
    """What is in sight in each of several pictures.

    Args:
        table: Where it is written in the end; None: nowhere.
    """

    table: Path | None
    shares: Shares = field(default_factory=Shares, init=False)
    names: list[str] = field(default_factory=list, init=False)

    @classmethod
    def of(cls, scene: str | None, table: Path | None) -> "Listed":
        """Return what the options mean.

        Raises:
            UsageError: A table is asked for without a scene.
        """
        _check_table(scene, table)
        return cls(table)

    def add(self, path: Path, image: Image, result: Result) -> None:
        """Count a picture."""
        if self.table is not None and isinstance(result, Panoptic):
            self.names.append(str(path))
            self.shares.add(image, result)

    def finish(self) -> None:
        """Write the table."""
        if self.table is not None:
            write_bytes(self.table, self.shares.listed(self.names).encode())


def _check_table(scene: str | None, table: Path | None) -> None:
    if table is not None and scene is None:
        raise UsageError("--table needs a --scene")

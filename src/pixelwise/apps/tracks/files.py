"""Tracks into annotation files: MOT, MOTS (KITTI), COCO video, DAVIS."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from pixelwise.convert import to_instances
from pixelwise.core import Image, Instances, Result
from pixelwise.errors import UnknownName, UsageError
from pixelwise.io.annotations.converting import check_free, convert
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.atomic import make_folder
from pixelwise.io.video import CONTAINERS, PictureSequence

__all__ = ["OVERLAY", "SAVES", "TrackFiles", "places_of"]

OVERLAY = "overlay"
SAVES: Mapping[str, str] = {
    OVERLAY: "{stem}.tracks.mp4",
    "coco-video": "{stem}.coco-video.json",
    "mots": "{stem}.mots",
    "mot": "{stem}.mot",
    "davis": "{stem}.davis",
}
"""What may be saved -> its name in the output folder."""


def places_of(output: Path, stem: str, saves: Sequence[str]) -> dict[str, Path]:
    """Return where each kind of output goes.

    Args:
        output: A video file or a name_%05d.png (the overlay), a .json (COCO video), or a folder.
        stem: Name of the film.
        saves: For a folder: rows of SAVES.

    Raises:
        UnknownName: One of ``saves`` is no row.
        UsageError: A folder to be written into has files in it.

    >>> places_of(Path("out/a.mp4"), "a", ())
    {'overlay': PosixPath('out/a.mp4')}
    """
    if output.suffix.lower() in CONTAINERS or PictureSequence.is_one(output):
        return {OVERLAY: output}
    if output.suffix.lower() == ".json":
        return {"coco-video": output}
    for name in saves:
        if name not in SAVES:
            raise UnknownName.among("output", name, SAVES)
    if output.exists() and not output.is_dir():
        known = ", ".join(CONTAINERS)
        raise UsageError(f"-o must be a folder or end in {known} or .json, not {output.name!r}")
    places = {name: output / SAVES[name].format(stem=stem) for name in saves}
    for place in places.values():
        check_free(place)
    return places


class TrackFiles:
    """A sink: keeps the masks of the film and writes them when it is over.

    Args:
        clip: Name of the film.
        places: Row of SAVES -> file or folder; what is no annotation format is left alone.
    """

    def __init__(self, clip: str, places: Mapping[str, Path]) -> None:
        self.clip = clip
        self.places = {name: place for name, place in places.items() if name != OVERLAY}
        self._frames: list[Instances] = []

    def write(self, image: Image, result: Result) -> None:  # noqa: ARG002 - the port's shape
        """Keep the tracks of one frame."""
        things = to_instances(result)
        self._frames.append(things[np.flatnonzero(things.segments.track_id > 0)])

    def __enter__(self) -> Self:
        for place in self.places.values():
            make_folder(place.parent)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._frames or not (kind is None or kind is KeyboardInterrupt):
            return
        for name, place in self.places.items():
            samples = (
                Sample(
                    name=f"{self.clip}/{number:06d}.jpg",
                    result=things,
                    clip=self.clip,
                    frame=number,
                )
                for number, things in enumerate(self._frames)
            )
            convert(Dataset(legend=self._frames[0].legend, samples=samples), place, name)

"""DAVIS and YouTube-VOS: an indexed PNG a frame, the number of the object for a colour."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np

from pixelwise.core import Crop, Segments
from pixelwise.errors import OutputError
from pixelwise.io.annotations.clips import clips, frame_of
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in, read_labels, write_indexed
from pixelwise.io.annotations.objects import OBJECT, instances_of, paint
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.voc import voc_colours
from pixelwise.io.format import Reading
from pixelwise.ops.boxes import boxes_of

__all__ = ["DAVIS", "Davis"]

FOLDER = "Annotations"
MASK = 255
"""DAVIS 2016 marks its only object so."""


class Davis(Annotations):
    """``Annotations/<clip>/<frame>.png``; DAVIS 2016 with 0 and 255 too.

    Named as the format, a folder of the clips alone is read as well: results lie so.
    """

    title: ClassVar[str] = "DAVIS"
    layout: ClassVar[str] = "Annotations/<clip>/<frame>.png of object numbers"
    capacity: ClassVar[Capacity] = Capacity(overlaps=False, classes=False, track=True, most=254)

    def sniff(self, place: Path) -> bool:
        """Whether ``Annotations`` holds folders of PNG."""
        return next((place / FOLDER).glob("*/**/*.png"), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the frames of one clip after the other."""
        return Dataset(legend=OBJECT, samples=_samples(place, rules))

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a PNG a frame; tracks keep their numbers from frame to frame."""
        palette = voc_colours()
        for clip, frames in clips(dataset):
            numbers = _Numbers(clip)
            for number, frame in enumerate(frames):
                values = np.array(numbers.of(frame.objects.segments.track_id.tolist()), np.int32)
                name = f"{frame_of(frame, number):05d}.png"
                if not frame.clip:
                    name = f"{PurePosixPath(frame.name).stem}.png"
                labels = paint(frame.objects, values, 0)
                write_indexed(place / FOLDER / clip / name, labels, palette)

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, frame by frame."""
        yield from faults_of_all(maps_in(_clips_of(place)), lambda row: _sample(*row, rules))


class _Numbers:
    """Numbers of the objects of a clip: new ones while there are, then those that no track has."""

    def __init__(self, clip: str) -> None:
        self._clip = clip
        self._next = 1
        self._tracks: dict[int, int] = {}

    def of(self, tracks: list[int]) -> list[int]:
        """Return the numbers of the objects of a frame; a track keeps its own.

        Raises:
            OutputError: The clip has more tracks than there are numbers.
        """
        made = [self._tracks.get(track, 0) for track in tracks]
        for place, track in enumerate(tracks):
            if made[place] == 0:
                made[place] = self._free({*self._tracks.values(), *made})
                if track >= 0:
                    self._tracks[track] = made[place]
        return made

    def _free(self, used: set[int]) -> int:
        number = self._next
        self._next += 1
        if number >= MASK:
            number = next((free for free in range(1, MASK) if free not in used), 0)
        if number == 0:
            raise OutputError(f"{self._clip}: DAVIS counts to {MASK - 1} objects in a clip")
        return number


def _clips_of(place: Path) -> Path:
    inner = place / FOLDER
    return inner if inner.is_dir() else place


def _samples(place: Path, rules: Reading) -> Iterator[Sample]:
    for stem, path in maps_in(_clips_of(place)):
        yield _sample(stem, path, rules)


def _sample(stem: str, path: Path, rules: Reading) -> Sample:
    labels = read_labels(path, rules)
    values = np.unique(labels)
    if set(values.tolist()) <= {0, MASK}:
        labels, values = np.minimum(labels, 1), np.minimum(values, 1)
    ids = values[(values > 0) & (values != MASK)]
    crops = [
        Crop(tuple(part.start for part in box), labels[box] == number)
        for number, box in zip(ids, boxes_of(np.where(labels == MASK, 0, labels), ids), strict=True)
        if box is not None
    ]
    clip, _, number = stem.rpartition("/")
    table = Segments.of(np.ones(len(ids)), id=ids, track_id=ids)
    return Sample(
        name=f"{stem}.jpg",
        result=instances_of(table, crops, (labels.shape[0], labels.shape[1]), OBJECT),
        clip=clip,
        frame=int(number) if number.isdecimal() and len(number) < 10 else 0,
    )


DAVIS = Davis()

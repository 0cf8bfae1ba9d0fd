"""COCO-video (YouTube-VIS): one annotation a track, a segmentation for each frame."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from pixelwise.errors import InputError
from pixelwise.io.annotations.clips import TrackNumbers, clips, one_size
from pixelwise.io.annotations.coco_instances import shape_of
from pixelwise.io.annotations.coco_tables import (
    RowsByOwner,
    legend_of,
    needed,
    repeated_in,
    streamed,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, Fault, gathered, strictly
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.runs import rle_of
from pixelwise.io.format import Reading

__all__ = ["COCO_VIDEO", "CocoVideo"]


class CocoVideo(Annotations):
    """``videos`` in place of ``images``, ``segmentations`` by frame."""

    title: ClassVar[str] = "COCO video"
    layout: ClassVar[str] = "one .json with videos, annotations, categories"
    capacity: ClassVar[Capacity] = Capacity(crowd=True, track=True)

    def sniff(self, place: Path) -> bool:
        """Whether there is a JSON with videos."""
        return the_json(place, "videos", "annotations") is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the frames of one video after the other."""
        videos = _videos(place, rules)
        return Dataset(legend=videos.legend, samples=videos.samples())

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield everything that is wrong, with its JSON path."""
        yield from _videos(place, rules).faults()

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write one JSON; a folder gets ``instances.json``."""
        path = place if place.suffix.lower() == ".json" else place / "instances.json"
        videos: list[str] = []
        with streamed(path, dataset.legend) as file:
            number, comma = 0, "\n"
            for clip, frames in clips(dataset):
                videos.append(json.dumps(_video(len(videos) + 1, clip, frames)))
                for entry in _tracks(frames):
                    number += 1
                    text = json.dumps({"id": number, "video_id": len(videos), **entry})
                    file.write(comma + text)
                    comma = ",\n"
            file.write('],\n"videos":[\n' + ",\n".join(videos) + "]}\n")


def _videos(place: Path, rules: Reading) -> "_Videos":
    path = needed(the_json(place, "videos"), place, "a COCO video JSON")
    return _Videos(JsonTables(path), rules)


def _video(number: int, clip: str, frames: list[Sample]) -> dict[str, Any]:
    height, width = one_size(clip, frames)
    return {
        "id": number,
        "name": clip,
        "file_names": [frame.name for frame in frames],
        "height": height,
        "width": width,
        "length": len(frames),
    }


def _tracks(frames: list[Sample]) -> Iterator[dict[str, Any]]:
    """Yield the tracks of a clip; an object without a track is one of its own."""
    numbers = TrackNumbers()
    found: dict[tuple[int, int, bool], dict[str, Any]] = {}
    for place, frame in enumerate(frames):
        table = frame.objects.segments
        for row, crop in enumerate(frame.objects.crops):
            track, crowd = int(table.track_id[row]), bool(table.crowd[row])
            key = (numbers.of(track), int(table.class_id[row]), crowd)
            entry = found.setdefault(key, _empty(key, track, len(frames)))
            x0, y0, x1, y1 = crop.box
            text = rle_of(crop, frame.size).text
            entry["segmentations"][place] = {"size": list(frame.size), "counts": text}
            entry["bboxes"][place] = [x0, y0, x1 - x0, y1 - y0]
            entry["areas"][place] = crop.area
    yield from found.values()


def _empty(key: tuple[int, int, bool], track: int, length: int) -> dict[str, Any]:
    return {
        "category_id": key[1],
        "iscrowd": int(key[2]),
        "track_id": track,
        "segmentations": [None] * length,
        "bboxes": [None] * length,
        "areas": [None] * length,
    }


class _Videos:
    """Reads the videos of the file."""

    def __init__(self, tables: JsonTables, rules: Reading) -> None:
        self.tables, self.rules = tables, rules
        self.legend = legend_of(tables)
        self.known = set(self.legend.ids.tolist())
        self.owners = RowsByOwner(tables, "video_id")

    def samples(self) -> Iterator[Sample]:
        """Yield the frames of one video after the other."""
        for row in range(self.tables.count("videos")):
            yield from self.video(row, strictly)

    def video(self, row: int, each: Each) -> Iterator[Sample]:
        """Yield the frames of a row of ``videos``; ``each`` reads the objects of each."""
        video = self.tables.row("videos", row)
        size = (video.whole("height", 1), video.whole("width", 1))
        self.rules.limits.check(size[1], size[0], 1)
        places = self.owners.of(video.whole("id", 0))
        tracks = [self.tables.row("annotations", int(place)) for place in places]
        names = video.list("file_names")
        first = str(names[0]) if names else ""
        clip = video.text("name", "") or first.rpartition("/")[0] or video.path
        for frame, name in enumerate(names):
            found = each(tracks, partial(self.thing, frame=frame, size=size))
            things = [thing for thing in found if thing is not None]
            result, _ = collected(things, size, self.legend)
            yield Sample(name=str(name), result=result, clip=clip.strip("$."), frame=frame)

    def thing(self, track: Reader, frame: int, size: tuple[int, int]) -> Drawn | None:
        """Return what a track shows in a frame."""
        shapes = track.list("segmentations")
        if frame >= len(shapes):
            raise InputError(f"{track.path}.segmentations: expected one for frame {frame}")
        if (kind := track.whole("category_id", 0)) not in self.known:
            raise track.wrong("category_id", "the id of a category")
        if shapes[frame] is None:
            return None
        where = f"{track.path}.segmentations[{frame}]"
        return Drawn(
            class_id=kind,
            crop=shape_of(Reader({"segmentation": shapes[frame]}, where), size)[0],
            track=track.whole("track_id", -1, track.whole("id", 0)),
            crowd=track.whole("iscrowd", 0, 0) > 0,
        )

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong, video by video; what is wrong with a track is told once."""
        file = str(self.tables.path)
        for row in self.owners.strangers(self.tables.whole_numbers("videos", "id")):
            yield Fault(file, f"$.annotations[{row}].video_id", "there is no such video")
        for row in range(self.tables.count("videos")):
            yield from dict.fromkeys(gathered(file, partial(self.video, row)))
        yield from repeated_in(self.tables)


COCO_VIDEO = CocoVideo()

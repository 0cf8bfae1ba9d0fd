"""COCO-video (YouTube-VIS): one annotation a track, a segmentation for each frame."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pixelwise.core import Crop, Legend, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations.clips import TrackNumbers, clips
from pixelwise.io.annotations.coco_instances import shape_of
from pixelwise.io.annotations.coco_tables import (
    RowsByOwner,
    legend_of,
    needed,
    streamed,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.objects import instances_of
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
        tables = JsonTables(needed(the_json(place, "videos"), place, "a COCO video JSON"))
        legend = legend_of(tables)
        return Dataset(legend=legend, samples=_samples(tables, legend, rules))

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


def _video(number: int, clip: str, frames: list[Sample]) -> dict[str, Any]:
    height, width = frames[0].size
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


def _samples(tables: JsonTables, legend: Legend, rules: Reading) -> Iterator[Sample]:
    owners = RowsByOwner(tables, "video_id")
    for video in tables.rows("videos"):
        size = (video.whole("height", 1), video.whole("width", 1))
        rules.limits.check(size[1], size[0], 1)
        places = owners.of(video.whole("id", 0))
        tracks = [tables.row("annotations", int(place)) for place in places]
        names = video.list("file_names")
        clip = video.text("name", "") or str(names[0]).rpartition("/")[0] or video.path
        for place, name in enumerate(names):
            crops, rows = _frame(tracks, place, size)
            table = Segments.of(
                [row.whole("category_id", 0) for row in rows],
                track_id=[row.whole("track_id", -1, row.whole("id", 0)) for row in rows],
            ).with_columns(crowd=np.array([row.whole("iscrowd", 0, 0) > 0 for row in rows], bool))
            result = instances_of(table, crops, size, legend)
            yield Sample(name=str(name), result=result, clip=clip.strip("$."), frame=place)


def _frame(
    tracks: list[Reader], place: int, size: tuple[int, int]
) -> tuple[list[Crop], list[Reader]]:
    crops, rows = [], []
    for track in tracks:
        shapes = track.list("segmentations")
        if place >= len(shapes):
            raise InputError(f"{track.path}.segmentations: expected one for frame {place}")
        if shapes[place] is None:
            continue
        where = f"{track.path}.segmentations[{place}]"
        crops.append(shape_of(Reader({"segmentation": shapes[place]}, where), size)[0])
        rows.append(track)
    return crops, rows


COCO_VIDEO = CocoVideo()

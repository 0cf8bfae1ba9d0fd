"""NPZ: the objects of a picture as arrays; and the arrays that supervision takes."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Legend, Rle, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault, faults_of_all
from pixelwise.io.annotations.legend_file import legend_beside, write_legend
from pixelwise.io.annotations.losses import Capacity
from pixelwise.io.annotations.maps import maps_in
from pixelwise.io.annotations.objects import OBJECT, instances_of
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.annotations.runs import crop_of, rle_of
from pixelwise.io.annotations.safe_zip import checked_zip
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Reading

__all__ = ["NPZ", "Detections", "Npz", "detections_of", "instances_from"]

COLUMNS = ("id", "class_id", "score", "track_id", "crowd")
MOST_BYTES_A_PIXEL = 64


class Npz(Annotations):
    """``<stem>.npz`` with columns and run lengths, ``classes.json``."""

    title: ClassVar[str] = "NPZ"
    layout: ClassVar[str] = "*.npz, classes.json"
    capacity: ClassVar[Capacity] = Capacity(
        crowd=True, track=True, score=True, background=True, void=True
    )

    def sniff(self, place: Path) -> bool:
        """Whether the folder has NPZ files."""
        return place.is_dir() and next(place.rglob("*.npz"), None) is not None

    def read(self, place: Path, rules: Reading) -> Dataset:
        """Return the pictures."""
        legend = legend_beside(place, rules) or OBJECT
        samples = (_sample(stem, path, legend, rules) for stem, path in maps_in(place, ".npz"))
        return Dataset(legend=legend, samples=samples)

    def write(self, place: Path, dataset: Dataset) -> None:
        """Write a file a picture."""
        write_legend(place, dataset.legend)
        for sample in dataset:
            path = place / f"{sample.stem}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as part, part.open("xb") as file:
                np.savez_compressed(file, **_columns(sample))

    def faults(self, place: Path, rules: Reading) -> Iterator[Fault]:
        """Yield what is wrong, file by file."""
        legend = legend_beside(place, rules) or OBJECT
        files = maps_in(place, ".npz")
        yield from faults_of_all(files, lambda row: _sample(*row, legend, rules))


def _columns(sample: Sample) -> dict[str, Any]:
    objects = sample.objects
    runs = [rle_of(crop, sample.size).counts for crop in objects.crops]
    table: dict[str, Any] = {name: getattr(objects.segments, name) for name in COLUMNS}
    return table | {
        "size": np.array(sample.size, np.int64),
        "counts": np.concatenate([np.zeros(0, np.int64), *runs]),
        "ends": np.cumsum([len(part) for part in runs], dtype=np.int64),
        "name": np.array(sample.name),
        "clip": np.array(sample.clip),
        "frame": np.array(sample.frame),
        "unclaimed_is_void": np.array(sample.unclaimed_is_void),
    }


def _sample(stem: str, path: Path, legend: Legend, rules: Reading) -> Sample:
    try:
        return _unpacked(path, legend, rules)
    except (
        KeyError,
        ValueError,
        OSError,
        EOFError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InputError(f"{path}: {stem} is no NPZ of annotations: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}", reason=error.reason) from error


def _unpacked(path: Path, legend: Legend, rules: Reading) -> Sample:
    whole = sum(row.file_size for row in checked_zip(path))
    if whole > rules.limits.file_bytes:
        raise InputError(f"it inflates to {whole} bytes, over the limit")
    with np.load(path, allow_pickle=False) as table:
        height, width = (int(side) for side in table["size"])
        if height < 1 or width < 1:
            raise InputError(f"a picture of {width} x {height} is not lawful")
        rules.limits.check(width, height, 1)
        columns = {name: table[name] for name in COLUMNS}
        counts, ends = table["counts"], table["ends"]
        told = {key: table[key].item() for key in ("name", "clip", "frame", "unclaimed_is_void")}
    parts = np.split(counts, ends[:-1]) if len(ends) else []
    crops = [crop_of(Rle((height, width), part)) for part in parts]
    segments = Segments.of(columns["class_id"]).with_columns(**columns)
    return Sample(result=instances_of(segments, crops, (height, width), legend), **told)


class Detections(NamedTuple):
    """The arrays of ``supervision.Detections``: ``supervision.Detections(**arrays._asdict())``.

    Args:
        xyxy: (N, 4) float32 x0 y0 x1 y1.
        mask: (N, H, W) bool.
        confidence: (N,) float32.
        class_id: (N,) int.
        tracker_id: (N,) int, or None without tracks.
    """

    xyxy: NDArray[np.float32]
    mask: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int64]
    tracker_id: NDArray[np.int64] | None


def detections_of(things: Instances) -> Detections:
    """Return instances as the arrays of ``supervision.Detections``.

    >>> mask = np.ones((1, 2, 3), bool)
    >>> detections_of(Instances.of(mask, [0], Legend.of(["cat"]))).xyxy.tolist()
    [[0.0, 0.0, 3.0, 2.0]]
    """
    table = things.segments
    tracks = table.track_id.astype(np.int64) if (table.track_id >= 0).any() else None
    return Detections(
        np.array(table.box, np.float32),
        np.asarray(things.masks, bool),
        np.array(table.score, np.float32),
        table.class_id.astype(np.int64),
        tracks,
    )


def instances_from(detections: Any, legend: Legend) -> Instances:  # noqa: ANN401 - supervision's own object
    """Return the masks of a ``supervision.Detections``, or anything with its attributes.

    Raises:
        InputError: It has no masks.
    """
    if detections.mask is None:
        raise InputError("expected detections with masks, these have only boxes")
    masks = np.asarray(detections.mask, bool)
    rows = len(masks)
    kinds = np.zeros(rows, np.int32) if detections.class_id is None else detections.class_id
    made = Instances.of(masks, np.asarray(kinds, np.int32), legend, score=detections.confidence)
    if detections.tracker_id is None:
        return made
    table = made.segments.with_columns(track_id=np.asarray(detections.tracker_id, np.int32))
    return Instances(table, made.crops, made.size, legend)


NPZ = Npz()

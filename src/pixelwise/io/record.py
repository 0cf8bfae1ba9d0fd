"""One result as one JSON object: what ``segment --json`` prints and the HTTP API answers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pixelwise.core import (
    Foreground,
    Image,
    Instances,
    Legend,
    Panoptic,
    Regions,
    Result,
    Rle,
    Segment,
    Segments,
    Semantic,
)
from pixelwise.errors import InputError

__all__ = ["record", "segment_records"]


def record(
    name: str, image: Image, result: Result, seconds: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return the record of one picture.

    Args:
        name: What the input is called.
        image: The picture.
        result: Its segmentation.
        seconds: Seconds by stage: read, segment, write.

    Raises:
        InputError: The picture is a volume, which has no run lengths.

    >>> picture = Image(np.zeros((2, 3), np.uint8))
    >>> made = record("a.png", picture, Foreground(np.ones((2, 3), bool)))
    >>> made["task"], made["segments"][0]["area"], made["segments"][0]["rle"]
    ('foreground', 6, {'size': [2, 3], 'counts': '06'})
    """
    if image.is_volume:
        raise InputError("a volume has no record; use the volume command", reason="volume")
    made = result.provenance
    return {
        "input": name,
        "task": str(result.task),
        "method": made.method,
        "model": made.model or None,
        "runtime": made.runtime or None,
        "device": made.device,
        "width": image.width,
        "height": image.height,
        "segments": list(segment_records(result)),
        "seconds": {stage: round(spent, 6) for stage, spent in (seconds or made.seconds).items()},
        "settings": dict(made.settings),
        "model_sha256": made.model_sha256 or None,
        "notes": list(made.notes),
    }


def segment_records(result: Result) -> Iterator[dict[str, Any]]:
    """Yield one JSON object a segment: id, class, score, area, box, rle."""
    match result:
        case Foreground():
            yield from _foreground(result)
        case Semantic():
            yield from _semantic(result)
        case Instances():
            for row, mask in zip(result.segments, result.masks, strict=True):
                yield _entry(row, result.legend.name(row.class_id), Rle.encode(mask))
        case Panoptic():
            yield from _labelled(result.labels, result.segments, result.legend)
        case Regions():
            yield from _labelled(result.labels, None, None)


def _foreground(result: Foreground) -> Iterator[dict[str, Any]]:
    if result.is_empty:
        return
    rle = Rle.encode(result.mask)
    name = result.legend.classes[1].name if result.legend else "foreground"
    yield _entry(_row(1, rle), name, rle)


def _semantic(result: Semantic) -> Iterator[dict[str, Any]]:
    """One segment a class; its id is the class id + 1, since 0 is a class like any other."""
    shifted = np.where(result.labels == result.legend.void, 0, result.labels + 1)
    for number, rle in sorted(Rle.encode_labels(shifted).items()):
        yield _entry(_row(number, rle), result.legend.name(number - 1), rle)


def _labelled(
    labels: np.ndarray[Any, np.dtype[np.int32]], table: Segments | None, legend: Legend | None
) -> Iterator[dict[str, Any]]:
    rows = {row.id: row for row in table} if table is not None else {}
    for number, rle in sorted(Rle.encode_labels(labels).items()):
        row = rows.get(number) or _row(number, rle)
        yield _entry(row, legend.name(row.class_id) if legend else None, rle)


def _row(number: int, rle: Rle) -> Segment:
    x0, y0, x1, y1 = rle.box
    return Segment(number, 0, 1.0, (float(x0), float(y0), float(x1), float(y1)), rle.area, -1)


def _entry(row: Segment, name: str | None, rle: Rle) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": row.id,
        "class": name,
        "score": round(row.score, 6),
        "area": rle.area,
        "box": [float(edge) for edge in row.box],
        "rle": {"size": list(rle.size), "counts": rle.text},
    }
    if row.track_id >= 0:
        entry["track"] = row.track_id
    return entry

"""What was found in one frame, in columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Image, Instances, Panoptic, Result
from pixelwise.errors import InputError
from pixelwise.ops.boxes import boxes_of
from pixelwise.ops.overlap import unsuppressed
from pixelwise.tracking.appearance import Colours, colours_of

__all__ = ["Things", "with_tracks"]

SAME = 0.75
"""Boxes that overlap by more speak of one thing, whatever classes they name."""


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """The things of a frame.

    Args:
        rows: (N,) their rows in the result.
        boxes: (N, 4) float64.
        scores: (N,) float64.
        classes: (N,) int64.
        crops: Their masks.
        colours: What they look like; empty where nobody asks.
    """

    rows: NDArray[np.int64]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]
    crops: tuple[Crop, ...]
    colours: tuple[Colours, ...] = ()

    @classmethod
    def of(cls, image: Image, result: Result, low: float, *, coloured: bool) -> "Things":
        """Return the things of a result with a score of ``low`` or more, each once.

        Raises:
            InputError: The result has no things, or is that of a volume.
        """
        crops, rows = _crops(result)
        table = result.segments[rows]  # type: ignore[attr-defined]
        boxes = np.array([crop.box for crop in crops], np.float64).reshape(-1, 4)
        there = np.array([crop.area > 0 for crop in crops], bool) & (table.score >= low)
        there &= ~table.crowd
        kept = np.flatnonzero(there)
        nobody = np.zeros(len(kept), np.int64)
        kept = kept[
            np.sort(unsuppressed(boxes[kept], table.score[kept], nobody, SAME, most=len(kept)))
        ]
        chosen = tuple(crops[row] for row in kept)
        return cls(
            rows[kept],
            boxes[kept],
            table.score[kept].astype(np.float64),
            table.class_id[kept].astype(np.int64),
            chosen,
            tuple(colours_of(image, crop) for crop in chosen) if coloured else (),
        )

    def __len__(self) -> int:
        return len(self.rows)


def _crops(result: Result) -> tuple[tuple[Crop, ...], NDArray[np.int64]]:
    """Return the masks of the things and their rows."""
    if len(result.size) != 2:
        raise InputError("tracks run through pictures, not through volumes", reason="volume")
    match result:
        case Instances():
            return result.crops, np.arange(len(result))
        case Panoptic():
            is_thing = np.isin(result.segments.class_id, list(result.legend.things))
            rows = np.flatnonzero(is_thing)
            boxes = boxes_of(result.labels, result.segments.id[rows])
            pairs = [(row, box) for row, box in zip(rows, boxes, strict=True) if box is not None]
            crops = tuple(
                Crop(
                    tuple(part.start for part in box),
                    result.labels[box] == result.segments.id[row],
                )
                for row, box in pairs
            )
            return crops, np.array([row for row, _ in pairs], np.int64)
        case _:
            raise InputError(
                f"tracks need things one by one, not {result.task}; ask for the task instance "
                "or panoptic, or convert with to_instances"
            )


def with_tracks(
    result: Result, rows: NDArray[np.int64], ids: NDArray[np.int64], classes: NDArray[np.int64]
) -> Result:
    """Return the result with ids at ``rows``: instances only these, panoptic segments all."""
    if isinstance(result, Instances):
        kept = result[rows]
        table = kept.segments.with_columns(track_id=ids, class_id=classes)
        return Instances(
            table, kept.crops, result.size, result.legend, result.space, result.provenance
        )
    assert isinstance(result, Panoptic)  # noqa: S101 - _crops let nothing else pass
    tracks = np.full(len(result.segments), -1, np.int32)
    tracks[rows] = ids
    table = result.segments.with_columns(track_id=tracks)
    return Panoptic(result.labels, table, result.legend, result.space, result.provenance)

"""Objects as they are read from formats that mix polygons, boxes and masks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pixelwise.core import Crop, Instances, Legend, Segments
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.annotations.outline import Outline, joined

__all__ = ["Drawn", "collected"]


@dataclass(slots=True, kw_only=True)
class Drawn:
    """One object as it was read.

    Args:
        class_id: Id of the legend.
        crop: Its mask.
        outline: What was drawn, None for masks.
        id: Its id in the file, 0 when there is none.
        score: 0..1.
        track: Id through the video, -1 when there is none.
        crowd: Whether it is a group.
    """

    class_id: int
    crop: Crop
    outline: Outline | None = None
    id: int = 0
    score: float = 1.0
    track: int = -1
    crowd: bool = field(default=False)

    @classmethod
    def of_pieces(cls, parts: Sequence["Drawn"]) -> "Drawn":
        """Return the parts of one object as one."""
        if len(parts) == 1:
            return parts[0]
        outlines = [part.outline for part in parts if part.outline is not None]
        whole = Outline(tuple(piece for outline in outlines for piece in outline.pieces))
        first = parts[0]
        return cls(
            class_id=first.class_id,
            crop=joined([part.crop for part in parts if part.crop.mask.size]),
            outline=whole if len(outlines) == len(parts) else None,
            id=first.id,
            score=first.score,
            track=first.track,
            crowd=first.crowd,
        )


def collected(
    things: Sequence[Drawn], size: tuple[int, int], legend: Legend
) -> tuple[Instances, tuple[Outline | None, ...]]:
    """Return what was read as instances and their outlines; ids stay where they are unique."""
    ids = [thing.id for thing in things]
    lawful = len(set(ids)) == len(ids) and all(0 < number < 2**31 for number in ids)
    table = Segments.of(
        [thing.class_id for thing in things],
        id=ids if lawful else None,
        score=[thing.score for thing in things],
        track_id=[thing.track for thing in things],
    ).with_columns(crowd=np.array([thing.crowd for thing in things], bool))
    crops = [thing.crop for thing in things]
    return instances_of(table, crops, size, legend), tuple(thing.outline for thing in things)

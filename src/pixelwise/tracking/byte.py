"""ByteTrack: every detection box is associated, those of a poor score second."""

from dataclasses import dataclass
from typing import ClassVar

from pixelwise.core.method import setting
from pixelwise.tracking.sort import Sort

__all__ = ["Byte"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Byte(Sort):
    """Boxes and a Kalman filter alone, in two stages.

    The plainest; prefer ``ocsort`` for what turns and stops, ``hybrid-sort`` where things cross.

    Source:
        Y. Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box",
        ECCV 2022. Own code.
    """

    name: ClassVar[str] = "byte"

    masks: float = setting(0.0, "Share of the masks' overlap, against the boxes'.", low=0, high=1)
    direction: float = setting(0.0, "Weight of the direction of travel.", low=0, high=1)
    appearance: float = setting(0.0, "Weight of the colours; 0: none are looked at.", low=0, high=1)
    replay: bool = setting(
        default=False, doc="Whether a gap is filled in when a thing is found again."
    )
    camera: bool = setting(default=False, doc="Whether the camera's own motion is taken off.")

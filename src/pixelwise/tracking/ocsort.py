"""OC-SORT: what was observed counts more than what was expected."""

from dataclasses import dataclass
from typing import ClassVar

from pixelwise.core.method import setting
from pixelwise.tracking.sort import Sort

__all__ = ["OcSort"]


@dataclass(frozen=True, kw_only=True, eq=False)
class OcSort(Sort):
    """Boxes and motion, with the observation-centric re-update, momentum and recovery.

    Looks at no pixels, so it is the faster one; prefer ``hybrid-sort`` where things cross.

    Source:
        J. Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object
        Tracking", CVPR 2023. Own code.
    """

    name: ClassVar[str] = "ocsort"

    masks: float = setting(0.0, "Share of the masks' overlap, against the boxes'.", low=0, high=1)
    direction: float = setting(0.2, "Weight of the direction of travel.", low=0, high=1)
    appearance: float = setting(0.0, "Weight of the colours; 0: none are looked at.", low=0, high=1)
    camera: bool = setting(default=False, doc="Whether the camera's own motion is taken off.")

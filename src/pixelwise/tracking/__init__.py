"""The same thing, the same id, from frame to frame."""

from pixelwise.registry import Registry
from pixelwise.tracking.sort import Sort

__all__ = ["TRACKERS"]

TRACKERS: Registry[type[Sort]] = Registry(
    "tracker",
    {
        "hybrid-sort": "pixelwise.tracking.sort:Sort",
        "ocsort": "pixelwise.tracking.ocsort:OcSort",
        "byte": "pixelwise.tracking.byte:Byte",
    },
)
"""Name -> class; ``build(TRACKERS[name], settings)`` makes one; the first is the default."""

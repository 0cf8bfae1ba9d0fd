"""The lawful roads between the types of segmentation, and fuse."""

from pixelwise.convert.fusion import Fusion, fuse
from pixelwise.convert.roads import to_foreground, to_instances, to_panoptic, to_semantic

__all__ = ["Fusion", "fuse", "to_foreground", "to_instances", "to_panoptic", "to_semantic"]

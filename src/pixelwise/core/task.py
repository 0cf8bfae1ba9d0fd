"""What is asked of a segmenter."""

from enum import StrEnum

__all__ = ["Task"]


class Task(StrEnum):
    """The four types of segmentation, and plain regions.

    >>> Task("panoptic").name
    'PANOPTIC'
    """

    FOREGROUND = "foreground"
    SEMANTIC = "semantic"
    INSTANCE = "instance"
    PANOPTIC = "panoptic"
    REGIONS = "regions"

"""The nouns: numpy only, frozen, checked when made."""

from pixelwise.core.crops import Crop, FullMasks
from pixelwise.core.image import Image
from pixelwise.core.legend import Legend, LegendClass
from pixelwise.core.method import Method, build, check_ranges, setting, settings_of
from pixelwise.core.plane import Plane
from pixelwise.core.ports import Segmenter, Session, Sink, Source, Tensor, Tracker
from pixelwise.core.prompts import Prompts, Scribble
from pixelwise.core.provenance import Provenance
from pixelwise.core.results import (
    Foreground,
    Instances,
    Panoptic,
    Regions,
    Result,
    Semantic,
)
from pixelwise.core.rle import Rle
from pixelwise.core.segments import Segment, Segments
from pixelwise.core.space import Space, Ties, Unit
from pixelwise.core.task import Task

__all__ = [
    "Crop",
    "Foreground",
    "FullMasks",
    "Image",
    "Instances",
    "Legend",
    "LegendClass",
    "Method",
    "Panoptic",
    "Plane",
    "Prompts",
    "Provenance",
    "Regions",
    "Result",
    "Rle",
    "Scribble",
    "Segment",
    "Segmenter",
    "Segments",
    "Semantic",
    "Session",
    "Sink",
    "Source",
    "Space",
    "Task",
    "Tensor",
    "Ties",
    "Tracker",
    "Unit",
    "build",
    "check_ranges",
    "setting",
    "settings_of",
]

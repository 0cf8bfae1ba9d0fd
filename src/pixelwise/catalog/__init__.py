"""Names become segmenters: find, best, and the one call."""

from pixelwise.catalog.backgrounds import composite
from pixelwise.catalog.choosing import Choice, best, choices
from pixelwise.catalog.finding import find
from pixelwise.catalog.listing import (
    MethodRow,
    ModelRow,
    SettingRow,
    list_methods,
    list_models,
    runtimes_here,
)
from pixelwise.catalog.loading import Access, Loading
from pixelwise.catalog.requests import Request, segment, segmenter_for

__all__ = [
    "Access",
    "Choice",
    "Loading",
    "MethodRow",
    "ModelRow",
    "Request",
    "SettingRow",
    "best",
    "choices",
    "composite",
    "find",
    "list_methods",
    "list_models",
    "runtimes_here",
    "segment",
    "segmenter_for",
]

"""Tracks of a film: into files, and events at zones and lines."""

from pixelwise.apps.tracks.classes import OnlyClasses
from pixelwise.apps.tracks.files import OVERLAY, SAVES, TrackFiles, places_of
from pixelwise.apps.tracks.first import masks_of_file, masks_of_prompts
from pixelwise.apps.tracks.several import Several
from pixelwise.apps.tracks.summary import Summary

__all__ = [
    "OVERLAY",
    "SAVES",
    "OnlyClasses",
    "Several",
    "Summary",
    "TrackFiles",
    "masks_of_file",
    "masks_of_prompts",
    "places_of",
]

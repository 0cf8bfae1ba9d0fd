"""Tracks of a film: into files, and events at zones and lines."""

from pixelwise.apps.tracks.classes import OnlyClasses
from pixelwise.apps.tracks.files import OVERLAY, SAVES, TrackFiles, places_of
from pixelwise.apps.tracks.several import Several
from pixelwise.apps.tracks.summary import Summary

__all__ = ["OVERLAY", "SAVES", "OnlyClasses", "Several", "Summary", "TrackFiles", "places_of"]

"""Video files, PNG sequences, streams and cameras, as sources and sinks of pictures."""

from pixelwise.io.video.containers import CONTAINERS, Container
from pixelwise.io.video.facts import Damage, VideoFacts
from pixelwise.io.video.reader import VideoFile
from pixelwise.io.video.sequence import PictureSequence
from pixelwise.io.video.writer import VideoWriter

__all__ = [
    "CONTAINERS",
    "Container",
    "Damage",
    "PictureSequence",
    "VideoFacts",
    "VideoFile",
    "VideoWriter",
]

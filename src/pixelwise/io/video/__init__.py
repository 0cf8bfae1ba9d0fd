"""Video files, folders of pictures, streams and cameras, as sources and sinks of pictures."""

from pixelwise.io.video.containers import CODECS, CONTAINERS, Container
from pixelwise.io.video.facts import Damage, VideoFacts
from pixelwise.io.video.film import Film
from pixelwise.io.video.frames import PictureFrames
from pixelwise.io.video.reader import VideoFile
from pixelwise.io.video.sequence import PictureSequence
from pixelwise.io.video.writer import VideoWriter

__all__ = [
    "CODECS",
    "CONTAINERS",
    "Container",
    "Damage",
    "Film",
    "PictureFrames",
    "PictureSequence",
    "VideoFacts",
    "VideoFile",
    "VideoWriter",
]

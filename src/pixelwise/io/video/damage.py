"""Decoding packet by packet, so that what the decoder complains about has a place.

libav mends what it cannot decode and returns it like any other picture: nothing is raised and no
picture is marked. Only its log tells, so it is listened to, one packet at a time; and what is
predicted from a mended picture is as wrong as that, up to the next key picture.
"""

import logging
from collections.abc import Iterator
from typing import Any

import av
import av.error
import av.logging

__all__ = ["FOLLOWS", "Listener", "decoder_of", "packets", "unlogged"]

FOLLOWS = "follows a damaged frame"
LOST = "could not be decoded: the picture before stands for it"
OUTPUT_CORRUPT = 1 << 3
"""libav's flag: a picture whose key picture is missing is better than none."""
MOST_PLACES = 4096
"""Time stamps that are kept until their pictures come."""


def unlogged() -> None:
    """Have libav's errors collected, and nothing of them printed."""
    logger = logging.getLogger("libav")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    if av.logging.get_level() is None:
        av.logging.set_level(av.logging.ERROR)


class Listener:
    """Decodes the packets of one stream and knows which pictures are damaged.

    Args:
        decoder: libav's decoder, which must run in one thread.
    """

    def __init__(self, decoder: Any) -> None:  # noqa: ANN401 - libav's codec context
        self._decoder = decoder
        self._why: dict[int, str] = {}
        self._wrong = ""
        self._owed: set[int] = set()
        unlogged()

    def lost_before(self, pts: int | None) -> list[int]:
        """Return the times, before that of a picture that came, of pictures that never will.

        Pictures come in the order in which they are shown. None: no picture comes any more.
        """
        lost = sorted(owed for owed in self._owed if pts is None or owed < pts)
        self._owed.difference_update([*lost, pts])
        return lost

    def decode(self, packet: Any) -> list[Any]:  # noqa: ANN401
        """Return the pictures that come out."""
        if packet.is_keyframe:
            self._wrong = ""
        if packet.pts is not None and packet.size and not packet.is_discard:
            self._owed.add(packet.pts)
        with av.logging.Capture() as lines:
            try:
                frames = list(self._decoder.decode(packet))
            except av.error.FFmpegError as error:
                frames = []
                lines.append((av.logging.ERROR, "", str(error.strerror)))
        said = "; ".join(
            str(line[2]).strip() for line in lines[:3] if line[0] <= av.logging.ERROR
        ) or ("the packet is marked as corrupt" if packet.is_corrupt else "")
        self._note(packet.pts, said)
        return frames

    def why(self, pts: int | None, frame: Any) -> str:  # noqa: ANN401
        """Return what is wrong with the picture of that time; empty: nothing."""
        said = "" if pts is None else self._why.pop(pts, "")
        if frame is None:
            return said or LOST
        if not said and frame.is_corrupt:
            return "marked as corrupt by the decoder"
        return said

    def _note(self, pts: int | None, said: str) -> None:
        why = said or (FOLLOWS if self._wrong else "")
        if said:
            self._wrong = said
        if why and pts is not None:
            self._why[pts] = why
            while len(self._why) > MOST_PLACES:
                self._why.pop(next(iter(self._why)))


def decoder_of(stream: Any) -> Any:  # noqa: ANN401
    """Return the decoder of a stream, in one thread; for VP9 with alpha one that reads it."""
    is_clear = stream.metadata.get("alpha_mode") == "1"
    name = {"vp9": "libvpx-vp9", "vp8": "libvpx"}.get(stream.codec_context.name, "")
    decoder = stream.codec_context
    if is_clear and name in av.codecs_available:
        decoder = av.CodecContext.create(name, "r")
    decoder.thread_count = 1  # or what it says has no place
    decoder.flags |= OUTPUT_CORRUPT
    return decoder


def packets(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the packets of one stream, the last one empty; a broken end is an end."""
    try:
        yield from container.demux(stream)
    except av.error.FFmpegError:
        yield av.Packet()

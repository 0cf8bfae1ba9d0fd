"""A video file as a source of pictures: upright, RGB, each with its own time."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from pixelwise.core import Image, Space
from pixelwise.errors import InputError, LimitError
from pixelwise.io.limits import Limits
from pixelwise.io.sources import shown
from pixelwise.io.video.colours import ToRgb, is_hdr
from pixelwise.io.video.damage import FOLLOWS, Listener, decoder_of, packets
from pixelwise.io.video.facts import Damage, VideoFacts
from pixelwise.io.video.film import Film
from pixelwise.io.video.opening import explained, open_video, video_stream

__all__ = ["VideoFile"]

FASTEST = 1000
"""Pictures a second that anybody means; a head that says more is not believed."""


class VideoFile(Film):
    """A source: the pictures of a video file, in the order in which they are shown.

    Each picture's ``space.time_s`` is its presentation time in the file, exact to the tick; times
    rise strictly. What the decoder could not decode is listed in :attr:`damage`, which is whole
    when the iteration has ended.

    Args:
        path: A video file; only that file is opened.
        limits: What it may ask for.

    Raises:
        InputError: It cannot be read, or there is no video in it.
        LimitError: Its pictures are over the limits; checked before memory is taken.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        super().__init__(Path(path))
        self._limits = limits or Limits()
        with open_video(self.path, self._limits) as container, explained(self.name):
            self.facts = _facts(container, video_stream(container, self.name), self.name)

    def __iter__(self) -> Iterator[Image]:
        """Yield the pictures from the beginning.

        Raises:
            InputError: There is no picture in it at all.
            LimitError: A picture is larger than the head said, and over the limits.
        """
        self._forget()
        convert, number = ToRgb(), 0
        last: Image | None = None
        with open_video(self.path, self._limits) as container:
            stream = video_stream(container, self.name)
            clock = _Clock(self.facts, self.name)
            for pts, frame, why in _decoded(container, stream):
                if frame is not None:
                    last = self._picture(frame, convert)
                elif last is None:
                    continue
                time_s = clock(pts)
                if why:
                    self._list(Damage(number, time_s, why))
                yield last.with_space(Space(time_s=time_s))
                number += 1
        if number == 0:
            raise InputError(f"{self.name}: no frames in it could be decoded", reason="no-frames")
        self._count(number, stream.frames)

    def _picture(self, frame: "av.VideoFrame", convert: ToRgb) -> Image:
        size = (self.facts.height, self.facts.width)
        with explained(self.name):
            image = convert(frame)
        if image.size != size:
            try:
                self._limits.check(frame.width, frame.height, 3)
            except LimitError as error:
                raise LimitError(f"{self.name}: {error}") from error
            self._note(f"the size changes to {image.width} x {image.height} on the way")
        if is_hdr(frame):
            self._note("HDR: shown without tone mapping, so it looks pale")
        if frame.interlaced_frame:
            self._note("interlaced: both fields are shown at once")
        return image

    def _count(self, number: int, said: int) -> None:
        if said > number:
            self._note(f"truncated: {number} of the {said} frames that the index names are there")


class _Clock:
    """Turns time stamps into seconds that rise strictly."""

    def __init__(self, facts: VideoFacts, name: str) -> None:
        self._base, self._name = facts.time_base, name
        self._step = 0
        if facts.rate and self._base:
            self._step = max(1, round(1 / (facts.rate * self._base)))
        self._last: int | None = None

    def __call__(self, pts: int | None) -> float:
        if pts is None and not self._step:
            raise InputError(f"{self._name}: its frames have no times", reason="no-times")
        last = self._last
        if pts is None:
            pts = 0 if last is None else last + self._step
        if last is not None and pts <= last:
            pts = last + 1
        self._last = pts
        return float(pts * self._base)


def _facts(container: Any, stream: Any, name: str) -> VideoFacts:  # noqa: ANN401
    width, height = stream.codec_context.width, stream.codec_context.height
    base = Fraction(stream.time_base or 0)
    if base <= 0:
        raise InputError(f"{name}: its time base is {base}, so no frame has a time")
    rate = Fraction(stream.average_rate or stream.guessed_rate or 0)
    rate = rate if 0 < rate <= FASTEST else Fraction(0)
    if _turn(container, stream) % 180 == 90:
        width, height = height, width
    count = stream.frames
    if not count and stream.duration:
        count = round(stream.duration * base * rate)
    elif not count and container.duration:
        count = round(Fraction(container.duration, av.time_base) * rate)
    return VideoFacts(
        width=width,
        height=height,
        rate=rate,
        count=max(0, count),
        time_base=base,
        codec=stream.codec_context.name,
        has_audio=len(container.streams.audio) > 0,
    )


def _turn(container: Any, stream: Any) -> int:  # noqa: ANN401
    """Return the turn of the first picture in degrees; the head alone does not tell it."""
    listener = Listener(decoder_of(stream))
    for packet in packets(container, stream):
        frames = listener.decode(packet)
        if frames:
            return round(frames[0].rotation) % 360
    raise InputError(f"{_name_of(container)}: no frames in it could be decoded", reason="no-frames")


def _name_of(container: Any) -> str:  # noqa: ANN401
    """Return the name of the open file, safe to print."""
    return shown(Path(str(container.name)).name)


def _decoded(
    container: Any,  # noqa: ANN401
    stream: Any,  # noqa: ANN401
) -> Iterator[tuple[int | None, "av.VideoFrame | None", str]]:
    """Yield time, picture and what is wrong with it; a picture that is lost is None."""
    listener, has_gap = Listener(decoder_of(stream)), False
    for packet in packets(container, stream):
        for frame in listener.decode(packet):
            lost = [] if frame.pts is None else listener.lost_before(frame.pts)
            for pts in lost:
                yield pts, None, listener.why(pts, None)
            has_gap = (has_gap or bool(lost)) and not frame.key_frame
            why = listener.why(frame.pts, frame)
            yield frame.pts, frame, why or (FOLLOWS if has_gap else "")
    for pts in listener.lost_before(None):
        yield pts, None, listener.why(pts, None)

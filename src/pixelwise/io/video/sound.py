"""The sound of one video file, carried into another packet by packet."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.audio.resampler import AudioResampler

from pixelwise.io.limits import Limits
from pixelwise.io.video.containers import Container
from pixelwise.io.video.opening import open_video

__all__ = ["Sound"]

SPEECH_RATE = 48_000
"""Samples a second of sound that must be encoded again; every encoder here takes it."""


class Sound:
    """All sound tracks of a file; each packet goes over as it is, where the container holds it.

    Args:
        path: The file that has the sound.
        kind: The container that gets it.
        output: That container, open, before anything was written to it.
    """

    def __init__(self, path: Path, kind: Container, output: Any) -> None:  # noqa: ANN401
        self.notes: list[str] = []
        self._source = open_video(path, Limits())
        self._tracks: dict[int, _Track] = {}
        for stream in self._source.streams.audio:
            name = stream.codec_context.name if stream.codec_context else "unknown"
            if name in kind.audio:
                self._tracks[stream.index] = _Copied(output, stream)
            elif kind.speech and stream.codec_context:
                self._tracks[stream.index] = _Encoded(output, kind.speech)
                self.notes.append(f"{kind.name} cannot hold {name}: sound encoded as {kind.speech}")
            else:
                self.notes.append(f"{kind.name} cannot hold {name}: sound left out")
        streams = [self._source.streams[index] for index in self._tracks]
        self._packets = self._source.demux(*streams) if streams else iter(())
        self._next: Any = None

    @property
    def is_copied(self) -> bool:
        """Whether every track goes over as it is."""
        return all(isinstance(track, _Copied) for track in self._tracks.values())

    def up_to(self, time_s: float) -> Iterator[Any]:
        """Yield what must be written before a picture of that time."""
        while (packet := self._peek()) is not None and _time_of(packet) <= time_s:
            self._next = None
            yield from self._tracks[packet.stream.index].passed(packet)

    def rest(self) -> Iterator[Any]:
        """Yield all that is left."""
        yield from self.up_to(float("inf"))
        for track in self._tracks.values():
            yield from track.rest()

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _peek(self) -> Any:  # noqa: ANN401
        while self._next is None:
            try:
                packet = next(self._packets, None)
            except av.error.FFmpegError:  # a cut file ends here
                return None
            if packet is None:
                return None
            if packet.dts is not None:
                self._next = packet
        return self._next


def _time_of(packet: Any) -> float:  # noqa: ANN401
    return float(packet.dts * Fraction(packet.time_base))


class _Track:
    def passed(self, packet: Any) -> Iterator[Any]:  # noqa: ANN401
        raise NotImplementedError

    def rest(self) -> Iterator[Any]:
        """Yield what is still held back."""
        return iter(())


class _Copied(_Track):
    def __init__(self, output: Any, stream: Any) -> None:  # noqa: ANN401
        self._stream = output.add_stream_from_template(stream)

    def passed(self, packet: Any) -> Iterator[Any]:  # noqa: ANN401
        packet.stream = self._stream
        yield packet


class _Encoded(_Track):
    def __init__(self, output: Any, codec: str) -> None:  # noqa: ANN401
        self._stream = output.add_stream(codec, rate=SPEECH_RATE)
        self._stream.layout = "stereo"
        context = self._stream.codec_context
        self._resampler = AudioResampler(context.format, context.layout, SPEECH_RATE)

    def passed(self, packet: Any) -> Iterator[Any]:  # noqa: ANN401
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            return
        for frame in frames:
            for part in self._resampler.resample(frame):
                yield from self._stream.encode(part)

    def rest(self) -> Iterator[Any]:
        for part in self._resampler.resample(None):
            yield from self._stream.encode(part)
        yield from self._stream.encode(None)

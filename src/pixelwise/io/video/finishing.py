"""From the fragments of a recording to an ordinary file with its index in front."""

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from math import lcm
from pathlib import Path
from typing import Any

import av

from pixelwise.io.atomic import replacing
from pixelwise.io.limits import Limits
from pixelwise.io.video.containers import DEMUXERS, Container
from pixelwise.io.video.opening import open_video

__all__ = ["finish"]


def finish(part: Path, path: Path, kind: Container, start_s: float, sound: Path | None) -> None:
    """Write the fragmented ``part`` to ``path`` as an ordinary file; nothing is encoded again.

    Args:
        part: What was written, in fragments.
        path: The final name, which is replaced.
        kind: What it is.
        start_s: Time of the first picture: fragments cannot hold times before 0, so they may
            have been moved.
        sound: The file whose sound is copied; None: the sound is taken from ``part``.

    Raises:
        OutputError: It cannot be written.
    """
    with replacing(path) as whole, ExitStack() as stack:
        source = av.open(str(part), options={"format_whitelist": DEMUXERS})
        stack.enter_context(source)
        origin = None if sound is None else stack.enter_context(open_video(sound, Limits()))
        tracks = (source if origin is None else origin).streams.audio
        video = source.streams.video[0]
        output = av.open(str(whole), "w", format=kind.muxer, options=_muxing([video, *tracks]))
        stack.enter_context(output)
        roads = [_moved(source, output, [video, *(() if origin else tracks)], start_s)]
        if origin is not None:
            roads.append(_copied(origin, output))
        for _, _, packet in merge(*roads, key=lambda item: item[:2]):
            output.mux(packet)


MOST_TICKS = 50_000_000
"""A second has no more ticks than this; the film's length is counted in them."""

Item = tuple[float, int, Any]


def _muxing(streams: list[Any]) -> dict[str, str]:
    """Return the muxer's options: the beginnings of all tracks are whole ticks of the film."""
    ticks = lcm(*(Fraction(stream.time_base).denominator for stream in streams))
    options = {"movflags": "+faststart"}
    return {**options, "movie_timescale": str(ticks)} if ticks <= MOST_TICKS else options


def _moved(
    source: Any,  # noqa: ANN401
    output: Any,  # noqa: ANN401
    streams: list[Any],
    start_s: float,
) -> Iterator[Item]:
    """Return the packets of the part, so moved that the first picture is at ``start_s``."""
    targets = {
        stream.index: output.add_stream_from_template(stream, opaque=True) for stream in streams
    }
    return _shifted(source, streams, targets, (streams[0].index, start_s))


def _shifted(
    source: Any,  # noqa: ANN401
    streams: list[Any],
    targets: dict[int, Any],
    anchor: tuple[int, float],
) -> Iterator[Item]:
    held: list[Any] = []
    shift: float | None = None
    for packet in source.demux(*streams):
        if packet.dts is None:
            continue
        if shift is None and packet.stream.index == anchor[0]:
            shift = anchor[1] - float(packet.pts * Fraction(packet.time_base))
        held.append(packet)
        if shift is not None:
            for one in held:
                yield _item(one, targets[one.stream.index], shift)
            held.clear()


def _copied(origin: Any, output: Any) -> Iterator[Item]:  # noqa: ANN401
    streams = list(origin.streams.audio)
    targets = {stream.index: output.add_stream_from_template(stream) for stream in streams}
    return (
        _item(packet, targets[packet.stream.index], 0.0)
        for packet in _readable(origin, streams)
        if packet.dts is not None
    )


def _readable(origin: Any, streams: list[Any]) -> Iterator[Any]:  # noqa: ANN401
    try:
        yield from origin.demux(*streams) if streams else ()
    except av.error.FFmpegError:  # a cut file ends here
        return


def _item(packet: Any, target: Any, shift_s: float) -> Item:  # noqa: ANN401
    ticks = round(Fraction(shift_s) / Fraction(packet.time_base)) if shift_s else 0
    if ticks:
        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
    time_s = float(packet.dts * Fraction(packet.time_base))
    packet.stream = target
    return time_s, target.index, packet

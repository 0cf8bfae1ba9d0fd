"""Small videos whose every picture is known."""

from fractions import Fraction

import av
import numpy as np

SIZE = (96, 128)


def picture(number, size=SIZE):
    """Return a smooth coloured picture with a bright square that moves with the number."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    pixels = np.stack([60 + x * 100 // size[1], 60 + y * 100 // size[0], 90 + 0 * x], -1)
    left = 4 + (number * 3) % (size[1] - 40)
    pixels[20:52, left : left + 32] = (230, 200, 40)
    return pixels.astype(np.uint8)


def film(
    path,
    count=30,
    *,
    rate=30,
    times=None,
    base=None,
    size=SIZE,
    codec="libx264",
    options=None,
    sound=False,
    pixels="yuv420p",
    make=picture,
):
    """Write a video; ``times`` are in ticks of ``base``."""
    base = base or Fraction(1, rate)
    with av.open(str(path), "w") as output:
        given = {"preset": "ultrafast", "g": "15"} if codec == "libx264" else {}
        stream = output.add_stream(codec, rate=rate, options={**given, **(options or {})})
        stream.height, stream.width, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = base
        track = None
        if sound:
            track = output.add_stream("aac", rate=44_100)
            track.layout = "mono"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(make(number, size), format="rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts = number if times is None else times[number]
            frame.time_base = base
            output.mux(stream.encode(frame))
            if track is not None:
                output.mux(track.encode(tone(number, rate)))
        output.mux(stream.encode(None))
        if track is not None:
            output.mux(track.encode(None))
    return path


def tone(number, rate):
    count = 44_100 // rate
    places = np.arange(number * count, (number + 1) * count)
    wave = (np.sin(places * 0.06) * 9000).astype(np.int16)[np.newaxis]
    frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
    frame.sample_rate, frame.pts = 44_100, number * count
    return frame


def sound_packets(path):
    """Return the bytes and times of the sound."""
    with av.open(str(path)) as container:
        return [
            (bytes(packet), float(packet.pts * packet.time_base))
            for packet in container.demux(audio=0)
            if packet.size
        ]
